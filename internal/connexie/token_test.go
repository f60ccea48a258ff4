package connexie_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/connexie"
)

func TestConnexie_N3_TokenIsNeverShown(t *testing.T) {
	t.Parallel()
	client, err := connexie.New(connexie.Options{BaseURL: "https://api.connexie.example/v1"})
	require.NoError(t, err)
	secretToken := tokenOf(t, secret)
	holders := map[string]any{
		"value":   secretToken,
		"pointer": &secretToken,
		"public":  struct{ Token connexie.Token }{secretToken},
		"private": struct{ token connexie.Token }{secretToken},
		"list":    []connexie.Token{secretToken},
		"account": client.For(secretToken),
	}
	for _, text := range []string{secretToken.String(), secretToken.GoString()} {
		requireNoSecret(t, text)
	}
	for name, holder := range holders {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
				requireNoSecret(t, fmt.Sprintf(verb, holder))
			}
			var report failureReport
			assert.Equal(&report, holder, &holder)
			require.NotEmpty(t, report)
			requireNoSecret(t, string(report))
			marshalled, err := json.Marshal(holder)
			require.NoError(t, err)
			requireNoSecret(t, string(marshalled))
			if marshalled, err = xml.Marshal(holder); err == nil {
				requireNoSecret(t, string(marshalled))
			}
			var log bytes.Buffer
			slog.New(slog.NewJSONHandler(&log, nil)).Info("holder", "holder", holder)
			slog.New(slog.NewTextHandler(&log, nil)).Info("holder", "holder", holder)
			requireNoSecret(t, log.String())
		})
	}
}

// failureReport is what a failed assertion prints; its printer goes through
// pointers and unexported fields.
type failureReport string

func (r *failureReport) Errorf(format string, arguments ...any) {
	*r += failureReport(fmt.Sprintf(format, arguments...))
}

func requireNoSecret(t *testing.T, text string) {
	t.Helper()
	require.NotContains(t, text, secret)
	require.NotContains(t, strings.ToLower(text), fmt.Sprintf("%x", secret))
}

func TestNewToken(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, wrong string }{
		"plain":            {text: "abc.DEF-1_2~+/="},
		"line end of file": {text: "abc\r\n"},
		"empty":            {text: "", wrong: "the token is empty"},
		"blank":            {text: " \t\n", wrong: "the token is empty"},
		"white space":      {text: "abc def", wrong: "white space or other characters"},
		"header injection": {text: "abc\r\nX-Evil: 1", wrong: "white space or other characters"},
		"letters":          {text: "tökén", wrong: "white space or other characters"},
		"not UTF-8":        {text: "tok\xff", wrong: "white space or other characters"},
		"endless":          {text: strings.Repeat("a", 4097), wrong: "longer than 4096"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made, err := connexie.NewToken(test.text)
			if test.wrong == "" {
				require.NoError(t, err)
				require.False(t, made.IsZero())
				return
			}
			require.ErrorContains(t, err, test.wrong)
			require.True(t, made.IsZero())
			if text := strings.TrimSpace(test.text); text != "" {
				require.NotContains(t, err.Error(), text)
			}
		})
	}
}

func TestConnexie_C1_NoTokenIsNotSent(t *testing.T) {
	t.Parallel()
	client, err := connexie.New(connexie.Options{BaseURL: "http://127.0.0.1:1/v1"})
	require.NoError(t, err)
	_, err = client.For(connexie.Token{}).GetAccount(t.Context())
	require.Equal(t, connexie.CodeInvalidToken, failure(t, err).Code)
	require.EqualError(t, err, "get account: invalid_token: there is no token")
}
