package config_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/config"
)

const (
	organisationOne = "0190a1b2-0000-7000-8000-000000000001"
	organisationTwo = "0190a1b2-0000-7000-8000-000000000002"
)

func hashOf(key string) string {
	hash := sha256.Sum256([]byte(key))
	return hex.EncodeToString(hash[:])
}

func loadAPI(t *testing.T, keys string) (config.Starter, error) {
	t.Helper()
	setenv(t, map[string]string{"API_KEYS": keys})
	return config.LoadStarter([]config.Part{config.PartAPI})
}

func TestAPI_N7_KeysBelongToOneOrganisationEach(t *testing.T) {
	starter, err := loadAPI(t, " "+organisationOne+":"+hashOf("old")+",\n"+
		strings.ToUpper(organisationOne+":"+hashOf("new"))+" , "+organisationTwo+":"+hashOf("other")+",")

	require.NoError(t, err)
	require.Equal(t, []config.APIKey{
		{OrganisationID: organisationOne, Hash: sha256.Sum256([]byte("old"))},
		{OrganisationID: organisationOne, Hash: sha256.Sum256([]byte("new"))},
		{OrganisationID: organisationTwo, Hash: sha256.Sum256([]byte("other"))},
	}, starter.Parsed())
}

func TestAPI_N3_EveryProblemAtOnceWithoutValues(t *testing.T) {
	_, err := loadAPI(t, strings.Join([]string{
		"hunter2",
		"hunter2:" + hashOf("a"),
		organisationOne + ":hunter2",
		organisationOne + ":" + hashOf(""),
		organisationOne + ":" + hashOf("hunter2"),
		organisationTwo + ":" + hashOf("hunter2"),
	}, ","))

	require.Equal(t, map[string]string{"API_KEYS": "cannot be used: " +
		"entry 1 has no colon between organisation and hash; " +
		"entry 2 does not begin with the id of an organisation, a UUID; " +
		"entry 3 does not end in a SHA-256 hash, 64 hexadecimal digits; " +
		"entry 4 has the hash of an empty key; " +
		"entry 6 has the same key as entry 5"}, problems(t, err))
	require.NotContains(t, err.Error(), "hunter2")
	require.NotContains(t, err.Error(), hashOf("hunter2"))
}

func TestAPI_N7_WithoutKeysNobodyIsServed(t *testing.T) {
	for value, what := range map[string]string{
		"":    "is required and not set",
		" ":   "is required and not set",
		",, ": "cannot be used: it holds no entry",
	} {
		_, err := loadAPI(t, value)
		require.Equal(t, map[string]string{"API_KEYS": what}, problems(t, err))
	}
}

func TestAPI_ManyProblemsStayReadable(t *testing.T) {
	_, err := loadAPI(t, strings.Repeat("x,", 25))
	require.Contains(t, problems(t, err)["API_KEYS"], "; and 15 more")
}

func TestAPI_N3_NoPrintingShowsKeysOrHashes(t *testing.T) {
	starter, err := loadAPI(t, organisationOne+":"+hashOf("hunter2"))
	require.NoError(t, err)
	require.NotContains(t, fmt.Sprintf("%+v %#v", starter, starter), hashOf("hunter2"))
}

func FuzzAPIKeys(f *testing.F) {
	f.Add(organisationOne + ":" + hashOf("key"))
	f.Add(organisationOne + "::,:" + hashOf("key") + ",")
	f.Fuzz(func(t *testing.T, text string) {
		for _, key := range (config.API{APIKeys: config.NewSecret(text)}).Parsed() {
			written := key.OrganisationID + ":" + hex.EncodeToString(key.Hash[:])
			require.Contains(t, strings.ToLower(text), written)
		}
	})
}
