package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func reading(t *testing.T, input io.Reader, path string) (token, noted string, err error) {
	t.Helper()
	var notes bytes.Buffer
	secret, err := (&terminal{in: input, out: io.Discard, err: &notes}).readToken(path)
	return secret.Reveal(), notes.String(), err
}

func TestToken_N3_ComesFromAFileOrStandardInput(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(path, []byte("  tok_abc\r\n"), 0o600))

	token, noted, err := reading(t, strings.NewReader(""), path)
	require.NoError(t, err)
	require.Equal(t, "tok_abc", token)
	require.Empty(t, noted)

	token, _, err = reading(t, strings.NewReader("tok_stdin\n"), "-")
	require.NoError(t, err)
	require.Equal(t, "tok_stdin", token)
}

func TestToken_N3_AFileThatOthersMayReadIsWarnedAbout(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(path, []byte("tok_abc"), 0o600))
	require.NoError(t, os.Chmod(path, 0o644))

	_, noted, err := reading(t, strings.NewReader(""), path)
	require.NoError(t, err)
	require.Contains(t, noted, "chmod 600")
	require.NotContains(t, noted, "tok_abc")
}

func TestToken_WhatHoldsNoneIsRefused(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	big := filepath.Join(folder, "big")
	require.NoError(t, os.WriteFile(big, bytes.Repeat([]byte("x"), maxTokenFile+1), 0o600))
	for path, says := range map[string]string{
		folder:                        "is a folder",
		big:                           "holds no token",
		filepath.Join(folder, "none"): "there is no such file",
		"\x00":                        "standard input",
	} {
		_, _, err := reading(t, strings.NewReader(""), path)
		require.ErrorContains(t, err, says)
		require.Equal(t, exitUsage, codeOf(err))
	}
	_, _, err := reading(t, endless{}, "-")
	require.ErrorContains(t, err, "holds no token")
}

// A token given in place of a path must not be shown on the screen.
func TestToken_N3_IsNotRepeatedWhereItWasGivenAsAPath(t *testing.T) {
	t.Parallel()
	_, _, err := reading(t, strings.NewReader(""), "tok_live_4711")
	require.Error(t, err)
	require.NotContains(t, err.Error(), "4711")
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}
