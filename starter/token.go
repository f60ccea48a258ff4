package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/eitje/connexie-worker/internal/config"
)

// maxTokenFile is far beyond any token: whoever names a bigger file has named the
// wrong one.
const maxTokenFile = 8 << 10

// readToken reads a token from a file, or from standard input where path is "-". It
// is never an argument, which other users of the machine could read (N3). White space
// around it is dropped, as files often end in a newline.
func (t *terminal) readToken(path string) (config.Secret, error) {
	if path == "-" {
		if file, ok := t.in.(*os.File); ok && isTerminal(file) {
			t.note("Paste the token, then press Enter and Ctrl-D.")
		}
		return readSecret(t.in, "standard input")
	}
	file, err := os.Open(path)
	if err != nil {
		return config.Secret{}, unreadable(path, err)
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	switch {
	case err != nil:
		return config.Secret{}, unreadable(path, err)
	case info.IsDir():
		return config.Secret{}, usage("%s is a folder; name a file that holds the token, or - for standard input", printable(path))
	case info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0:
		t.note("warning: others on this machine may read %s; keep it to yourself with: chmod 600", printable(path))
	}
	return readSecret(file, printable(path))
}

func readSecret(from io.Reader, name string) (config.Secret, error) {
	text, err := io.ReadAll(io.LimitReader(from, maxTokenFile+1))
	if err != nil {
		return config.Secret{}, fmt.Errorf("the token file %s cannot be read to its end", name)
	}
	if len(text) > maxTokenFile {
		return config.Secret{}, usage("%s is larger than %d bytes and holds no token; name the right file",
			name, maxTokenFile)
	}
	return config.NewSecret(string(text)), nil
}

// unreadable repeats the path, which somebody chose, and no content. A token given
// in place of a path would be repeated, so what looks like none is not.
func unreadable(path string, err error) error {
	why := "it cannot be read"
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return usage("there is no such file; give the path of a file that holds it, " +
			"or - for standard input (never the secret itself)")
	case errors.Is(err, fs.ErrPermission):
		why = "you may not read it"
	}
	return usage("%s: %s; name a file that holds the token, or - for standard input", printable(path), why)
}
