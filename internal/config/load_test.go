package config_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/config"
)

func TestLoadWorker_Defaults(t *testing.T) {
	setenv(t, goodWorker)

	worker, err := config.LoadWorker()

	require.NoError(t, err)
	require.Equal(t, goodURL, worker.Database.URL.Reveal())
	require.Equal(t, 20, worker.Database.MaxConnections)
	require.Equal(t, config.Connexie{BaseURL: "https://api.connexie.example/v1", RequestsPerSecond: 10}, worker.Connexie)
	require.Equal(t, goodKey, worker.Keys.EncryptionKeys.Reveal())
	require.Equal(t, config.Capacity{WorkflowSlots: 100, DatabaseSlots: 8, ConnexieSlots: 10, StopTimeout: 30 * time.Second}, worker.Capacity)
	require.Equal(t, "127.0.0.1:9464", worker.Metrics.Addr)
	require.Equal(t, config.Log{Level: "info", Format: "json"}, worker.Log)
	require.Empty(t, worker.Temporal.ClientOptions().HostPort, "the SDK's own default")
}

func TestLoadWorker_TakesEveryVariable(t *testing.T) {
	setenv(t, map[string]string{
		"DATABASE_URL":                 "postgresql:///connexie?host=/run/postgresql",
		"DATABASE_MAX_CONNECTIONS":     "9",
		"CONNEXIE_BASE_URL":            " http://127.0.0.1:8085/v1\n",
		"CONNEXIE_REQUESTS_PER_SECOND": "2.5",
		"ENCRYPTION_KEYS":              goodKey + "\n",
		"WORKER_WORKFLOW_SLOTS":        "20",
		"WORKER_DATABASE_SLOTS":        "3",
		"WORKER_CONNEXIE_SLOTS":        "4",
		"WORKER_STOP_TIMEOUT":          "1m30s",
		"METRICS_ADDR":                 ":0",
		"LOG_LEVEL":                    "debug",
		"LOG_FORMAT":                   "console",
	})

	worker, err := config.LoadWorker()

	require.NoError(t, err)
	require.Equal(t, "/run/postgresql/connexie", worker.Location())
	require.Equal(t, 9, worker.Database.MaxConnections)
	require.Equal(t, config.Connexie{BaseURL: "http://127.0.0.1:8085/v1", RequestsPerSecond: 2.5}, worker.Connexie)
	require.Equal(t, goodKey, worker.Keys.EncryptionKeys.Reveal())
	require.Equal(t, config.Capacity{WorkflowSlots: 20, DatabaseSlots: 3, ConnexieSlots: 4, StopTimeout: 90 * time.Second}, worker.Capacity)
	require.Equal(t, ":0", worker.Metrics.Addr)
	require.Equal(t, config.Log{Level: "debug", Format: "console"}, worker.Log)
}

func TestLoadWorker_BlankCountsAsNotSet(t *testing.T) {
	setenv(t, goodWorker, map[string]string{"DATABASE_MAX_CONNECTIONS": "", "LOG_LEVEL": " \t", "CONNEXIE_BASE_URL": " "})

	_, err := config.LoadWorker()

	require.Equal(t, map[string]string{"CONNEXIE_BASE_URL": "is required and not set"}, problems(t, err))
}

func TestLoadWorker_N3_ReportsEveryProblemAtOnceWithoutValues(t *testing.T) {
	bad := map[string]string{
		"DATABASE_URL":                           "postgres://worker:hun%ter2@db/x",
		"DATABASE_MAX_CONNECTIONS":               "hunter2",
		"CONNEXIE_BASE_URL":                      "https://api.connexie.example/hunter2",
		"CONNEXIE_REQUESTS_PER_SECOND":           "NaN",
		"ENCRYPTION_KEYS":                        "hunter2",
		"WORKER_WORKFLOW_SLOTS":                  "1",
		"WORKER_DATABASE_SLOTS":                  "0",
		"WORKER_CONNEXIE_SLOTS":                  "7.5",
		"WORKER_STOP_TIMEOUT":                    "30",
		"METRICS_ADDR":                           "hunter2",
		"LOG_LEVEL":                              "hunter2",
		"LOG_FORMAT":                             "hunter2",
		"TEMPORAL_TLS":                           "hun",
		"TEMPORAL_TLS_DISABLE_HOST_VERIFICATION": "hun",
		"TEMPORAL_PROFILE":                       "hunter2",
	}
	setenv(t, bad)

	_, err := config.LoadWorker(config.Check{Variable: "ENCRYPTION_KEYS", Verify: func(string) error {
		return errors.New("entry 1: has no colon")
	}})

	require.Equal(t, map[string]string{
		"DATABASE_URL":                           "is not a URL: in user and password, write special characters as %40 (@), %2F (/), %3A (:)",
		"DATABASE_MAX_CONNECTIONS":               "must be a whole number",
		"CONNEXIE_BASE_URL":                      "must end in /v1",
		"CONNEXIE_REQUESTS_PER_SECOND":           "must be more than 0 and at most 1000",
		"ENCRYPTION_KEYS":                        "cannot be used: entry 1: has no colon",
		"WORKER_WORKFLOW_SLOTS":                  "must be 2 to 10000",
		"WORKER_DATABASE_SLOTS":                  "must be 1 to 1000",
		"WORKER_CONNEXIE_SLOTS":                  "must be a whole number",
		"WORKER_STOP_TIMEOUT":                    "must be a duration with its unit, such as 30s or 2m",
		"METRICS_ADDR":                           "must be host:port with a port of 0 to 65535",
		"LOG_LEVEL":                              "must be debug, info, warn or error",
		"LOG_FORMAT":                             "must be json or console",
		"TEMPORAL_TLS":                           "must be true, false, 1 or 0",
		"TEMPORAL_TLS_DISABLE_HOST_VERIFICATION": "must be true, false, 1 or 0",
		"TEMPORAL_*":                             "cannot be used: unable to find profile TEMPORAL_PROFILE in config data",
	}, problems(t, err))
	require.NotContains(t, err.Error(), "hun")
	require.ErrorContains(t, err, "the configuration has 15 problems:\n")
	require.ErrorContains(t, err, "\n  WORKER_STOP_TIMEOUT must be a duration with its unit, such as 30s or 2m (example: WORKER_STOP_TIMEOUT=30s)\n")
	require.True(t, strings.HasSuffix(err.Error(), "run with -h to see every variable"))
}

func TestLoadWorker_RequiredVariablesComeWithAnExample(t *testing.T) {
	setenv(t)

	_, err := config.LoadWorker()

	require.EqualError(t, err, `the configuration has 3 problems:
  DATABASE_URL is required and not set (example: DATABASE_URL=postgres://worker:password@localhost:5432/connexie)
  CONNEXIE_BASE_URL is required and not set (example: CONNEXIE_BASE_URL=https://api.connexie.example/v1)
  ENCRYPTION_KEYS is required and not set (example: ENCRYPTION_KEYS=key1:$(openssl rand -base64 32))
run with -h to see every variable`)
}

func TestLoadWorker_TakesItsOwnExamples(t *testing.T) {
	setenv(t)
	_, err := config.LoadWorker()
	var invalid *config.InvalidError
	require.ErrorAs(t, err, &invalid)

	for _, problem := range invalid.Problems {
		t.Setenv(problem.Variable, problem.Example)
	}

	_, err = config.LoadWorker()
	require.NoError(t, err)
}

func TestLoadWorker_SlotsNeedConnections(t *testing.T) {
	setenv(t, goodWorker, map[string]string{"DATABASE_MAX_CONNECTIONS": "19"})

	_, err := config.LoadWorker()

	require.Equal(t, map[string]string{
		"DATABASE_MAX_CONNECTIONS": "is too low: WORKER_DATABASE_SLOTS and WORKER_CONNEXIE_SLOTS are 18 together and 2 connections stay in reserve; " +
			"raise it to 20 or lower the slots",
	}, problems(t, err))
}

func TestLoadWorker_RefusesURLs(t *testing.T) {
	for name, rows := range map[string]map[string]string{
		"DATABASE_URL": {
			"host=db user=worker":   "must start with postgres://",
			"mysql://db/connexie":   "must start with postgres://",
			"postgres://db":         "names no database: end it with /name",
			"postgres://u:p@db/":    "names no database: end it with /name",
			"postgres://db:port/db": "is not a URL: in user and password, write special characters as %40 (@), %2F (/), %3A (:)",
		},
		"CONNEXIE_BASE_URL": {
			"api.connexie.example/v1":              "must be a URL that starts with http:// or https://",
			"ftp://api.connexie.example/v1":        "must be a URL that starts with http:// or https://",
			"https:///v1":                          "must be a URL that starts with http:// or https://",
			"https://me:token@api.example/v1":      "must hold no user or password: tokens are set per connection",
			"https://api.connexie.example/v1?":     "must have nothing after the path",
			"https://api.connexie.example/v1?t=1":  "must have nothing after the path",
			"https://api.connexie.example/v1#x":    "must have nothing after the path",
			"https://api.connexie.example/v1/":     "must end in /v1",
			"https://api.connexie.example/v2":      "must end in /v1",
			"https://api.connexie.example/apiv1":   "must end in /v1",
			"https://api.connexie.example:8443/v1": "",
		},
	} {
		for value, want := range rows {
			t.Run(value, func(t *testing.T) {
				setenv(t, goodWorker, map[string]string{name: value})
				_, err := config.LoadWorker()
				if want == "" {
					require.NoError(t, err)
					return
				}
				require.Equal(t, map[string]string{name: want}, problems(t, err))
			})
		}
	}
}

func TestLoadStarter_ReadsWhatTheCommandNeeds(t *testing.T) {
	setenv(t, map[string]string{"DATABASE_URL": "nonsense", "TEMPORAL_TLS": "nonsense", "LOG_FORMAT": "console"})

	starter, err := config.LoadStarter(nil)
	require.NoError(t, err, "sandbox runs whatever the variables of others say")
	require.Equal(t, config.Starter{Log: config.Log{Level: "info", Format: "console"}}, starter)

	_, err = config.LoadStarter([]config.Part{config.PartDatabase, config.PartTemporal})
	require.Equal(t, map[string]string{
		"DATABASE_URL": "must start with postgres://",
		"TEMPORAL_TLS": "must be true, false, 1 or 0",
	}, problems(t, err))
}

func TestLoadStarter_KnowsItsParts(t *testing.T) {
	setenv(t, goodWorker, map[string]string{"HTTP_ADDR": "0.0.0.0:80", "TEMPORAL_ADDRESS": "temporal:7233"})

	starter, err := config.LoadStarter([]config.Part{
		config.PartDatabase, config.PartConnexie, config.PartKeys, config.PartHTTP, config.PartTemporal,
	})

	require.NoError(t, err)
	require.Equal(t, "db:5432/connexie", starter.Location())
	require.Equal(t, "https://api.connexie.example/v1", starter.BaseURL)
	require.Equal(t, goodKey, starter.EncryptionKeys.Reveal())
	require.Equal(t, "0.0.0.0:80", starter.HTTP.Addr)
	require.Equal(t, "temporal:7233", starter.ClientOptions().HostPort)
}

func TestLoad_CheckSeesOnlyWhatIsSetAndWanted(t *testing.T) {
	setenv(t)
	never := config.Check{Variable: "ENCRYPTION_KEYS", Verify: func(string) error { panic("called") }}

	_, err := config.LoadStarter(nil, never)
	require.NoError(t, err)
	_, err = config.LoadStarter([]config.Part{config.PartKeys}, never)
	require.Equal(t, map[string]string{"ENCRYPTION_KEYS": "is required and not set"}, problems(t, err))
}

func TestLoadWorker_N1_MailSettingsBelongTogether(t *testing.T) {
	for name, test := range map[string]struct {
		set  map[string]string
		says string
	}{
		"all":            {map[string]string{"SMTP_ADDR": "smtp.example.com:587", "SMTP_FROM": "n@example.com", "SMTP_USERNAME": "n", "SMTP_PASSWORD": "hunter2", "SMTP_TLS": "tls"}, ""},
		"none":           {nil, ""},
		"no sender":      {map[string]string{"SMTP_ADDR": "smtp.example.com:587"}, "SMTP_FROM is required where SMTP_ADDR is set"},
		"no server":      {map[string]string{"SMTP_FROM": "n@example.com"}, "SMTP_ADDR is required"},
		"no port":        {map[string]string{"SMTP_ADDR": "smtp.example.com", "SMTP_FROM": "n@example.com"}, "SMTP_ADDR must be host:port"},
		"no address":     {map[string]string{"SMTP_ADDR": "smtp.example.com:587", "SMTP_FROM": "Noor <n@example.com>"}, "SMTP_FROM must be one bare e-mail address"},
		"no password":    {map[string]string{"SMTP_ADDR": "smtp.example.com:587", "SMTP_FROM": "n@example.com", "SMTP_USERNAME": "n"}, "belong together"},
		"no user":        {map[string]string{"SMTP_ADDR": "smtp.example.com:587", "SMTP_FROM": "n@example.com", "SMTP_PASSWORD": "hunter2"}, "belong together"},
		"another mode":   {map[string]string{"SMTP_TLS": "ssl"}, "SMTP_TLS must be starttls, tls or none"},
		"in the clear":   {map[string]string{"SMTP_ADDR": "smtp.example.com:25", "SMTP_FROM": "n@example.com", "SMTP_USERNAME": "n", "SMTP_PASSWORD": "hunter2", "SMTP_TLS": "none"}, "SMTP_TLS"},
		"clear, at home": {map[string]string{"SMTP_ADDR": "localhost:1025", "SMTP_FROM": "n@example.com", "SMTP_USERNAME": "n", "SMTP_PASSWORD": "hunter2", "SMTP_TLS": "none"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			setenv(t, goodWorker, test.set)
			worker, err := config.LoadWorker()
			if test.says == "" {
				require.NoError(t, err)
				require.Equal(t, test.set["SMTP_ADDR"], worker.SMTP.Addr)
				return
			}
			require.ErrorContains(t, err, test.says)
			require.NotContains(t, err.Error(), "hunter2")
		})
	}
}
