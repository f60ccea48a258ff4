package config_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	temporalenv "go.temporal.io/sdk/contrib/envconfig"

	"github.com/eitje/connexie-worker/internal/config"
)

func loadTemporal(t *testing.T) (client.Options, error) {
	t.Helper()
	starter, err := config.LoadStarter([]config.Part{config.PartTemporal})
	return starter.ClientOptions(), err
}

func TestTemporal_ReadsTemporalsOwnVariables(t *testing.T) {
	setenv(t, map[string]string{
		"TEMPORAL_ADDRESS":   "eu.example:7233",
		"TEMPORAL_NAMESPACE": "payroll",
		"TEMPORAL_API_KEY":   "hunter2",
	})

	options, err := loadTemporal(t)

	require.NoError(t, err)
	require.Equal(t, "eu.example:7233", options.HostPort)
	require.Equal(t, "payroll", options.Namespace)
	require.NotNil(t, options.Credentials)
}

func TestTemporal_ReadsTheConfigurationFile(t *testing.T) {
	setenv(t, map[string]string{
		"TEMPORAL_CONFIG_FILE": writeFile(t, "[profile.staging]\naddress = \"staging:7233\"\n"),
		"TEMPORAL_PROFILE":     "staging",
	})

	options, err := loadTemporal(t)

	require.NoError(t, err)
	require.Equal(t, "staging:7233", options.HostPort)
}

func TestTemporal_BlankVariablesChangeNothing(t *testing.T) {
	setenv(t) // sets every documented variable to ""

	options, err := loadTemporal(t)

	require.NoError(t, err)
	require.Nil(t, options.ConnectionOptions.TLS)
	require.Nil(t, options.Credentials)
}

func TestTemporal_RefusesAURLAsAddress(t *testing.T) {
	setenv(t, map[string]string{"TEMPORAL_ADDRESS": "http://localhost:7233"})

	_, err := loadTemporal(t)

	require.Equal(t, map[string]string{"TEMPORAL_ADDRESS": "must be host:port, without http://"}, problems(t, err))
}

func TestTemporal_N3_ErrorsQuoteNoConfiguration(t *testing.T) {
	for name, environment := range map[string]map[string]string{
		"file is not TOML": {"TEMPORAL_CONFIG_FILE": writeFile(t, "[profile.default]\napi_key = hunter2\n")},
		"wrong type":       {"TEMPORAL_CONFIG_FILE": writeFile(t, "[profile.default]\ntls = \"hunter2\"\n")},
		"bad certificate":  {"TEMPORAL_TLS_CLIENT_CERT_DATA": "hunter2", "TEMPORAL_TLS_CLIENT_KEY_DATA": "hunter2"},
		"missing file":     {"TEMPORAL_TLS_CLIENT_CERT_PATH": "/hunter2", "TEMPORAL_TLS_CLIENT_KEY_PATH": "/hunter2"},
	} {
		t.Run(name, func(t *testing.T) {
			setenv(t, environment)
			_, err := loadTemporal(t)
			require.Contains(t, problems(t, err), "TEMPORAL_*")
			require.NotContains(t, err.Error(), "hunter2")
		})
	}
}

// asked records which variables Temporal's package looks up.
type asked struct{ names *[]string }

func (asked) Environ() []string { return nil }

func (a asked) LookupEnv(name string) (string, bool) {
	*a.names = append(*a.names, name)
	return "", false
}

func TestTemporal_UsageNamesExactlyWhatTemporalReads(t *testing.T) {
	t.Parallel()
	var names []string
	_, err := temporalenv.LoadClientOptions(temporalenv.LoadClientOptionsRequest{EnvLookup: asked{&names}})
	require.NoError(t, err)
	// The remote codec is read and not used: payloads are not decoded by others.
	read := slices.DeleteFunc(names, func(name string) bool { return strings.HasPrefix(name, "TEMPORAL_CODEC_") })
	// The address of the UI is ours: Temporal's tools do not know it.
	read = append(read, "TEMPORAL_GRPC_META_", "TEMPORAL_UI_URL")

	documented := slices.DeleteFunc(documentedNames(t), func(name string) bool { return !strings.HasPrefix(name, "TEMPORAL_") })
	slices.Sort(documented)

	require.ElementsMatch(t, read, slices.Compact(documented))
}
