package deploy_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/config"
	"github.com/eitje/connexie-worker/internal/secrets"
)

// root is the checkout, seen from here.
const root = ".."

// load reads the compose file with every profile and an empty environment. It fails
// on unknown keys, dependencies on services that do not exist, and volumes that are
// not declared.
func load(t *testing.T, env ...string) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions(
		[]string{filepath.Join(root, "docker-compose.yml")},
		cli.WithWorkingDirectory(root), cli.WithEnv(env), cli.WithProfiles([]string{"*"}),
		cli.WithInterpolation(true), cli.WithNormalization(true), cli.WithConsistency(true))
	require.NoError(t, err)
	project, err := options.LoadProject(t.Context())
	require.NoError(t, err)
	return project
}

func TestCompose_HasTheServicesOfTheDocuments(t *testing.T) {
	t.Parallel()
	require.ElementsMatch(t, []string{
		"postgres", "temporal-schema", "temporal", "temporal-namespace", "temporal-ui",
		"migrate", "sandbox", "worker", "api", "starter",
	}, load(t).ServiceNames())
}

func TestCompose_RefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "docker-compose.yml"))
	require.NoError(t, err)
	for name, change := range map[string][2]string{
		"an unknown key":        {"restart: unless-stopped", "restrat: unless-stopped"},
		"an unknown dependency": {"      temporal-namespace:\n        condition", "      temporal-namespaces:\n        condition"},
		"an undeclared volume":  {"- postgres:/var", "- postgre:/var"},
	} {
		require.Contains(t, string(text), change[0], name)
		broken := filepath.Join(t.TempDir(), "docker-compose.yml")
		require.NoError(t, os.WriteFile(broken, []byte(strings.Replace(string(text), change[0], change[1], 1)), 0o600))
		options, err := cli.NewProjectOptions([]string{broken}, cli.WithWorkingDirectory(root), cli.WithProfiles([]string{"*"}))
		require.NoError(t, err)
		_, err = options.LoadProject(t.Context())
		require.Error(t, err, name)
	}
}

var pinned = regexp.MustCompile(`^[a-z0-9./-]+:\d+(\.\d+)*$`)

// Images of others carry a version; ours are built here.
func TestCompose_ImagesArePinned(t *testing.T) {
	t.Parallel()
	project := load(t)
	for name, service := range project.Services {
		if service.Build != nil {
			require.Regexp(t, `^connexie-[a-z]+:local$`, service.Image, name)
			continue
		}
		require.Regexp(t, pinned, service.Image, name)
	}
	require.Equal(t, tag(project, "temporal"), tag(project, "temporal-schema"), "server and tools are of one version")
	require.Equal(t, tag(project, "temporal"), tag(project, "temporal-namespace"), "server and tools are of one version")
}

func tag(project *types.Project, service string) string {
	_, tag, _ := strings.Cut(project.Services[service].Image, ":")
	return tag
}

// What our programs are given must be what they read: a slip of the finger would
// leave a default in force.
func TestCompose_SetsVariablesThatAreRead(t *testing.T) {
	t.Parallel()
	worker, starter := variables(t, config.Worker{}), variables(t, config.Starter{})
	ours := 0
	for name, service := range load(t).Services {
		if service.Build == nil {
			continue
		}
		ours++
		known := starter
		if service.Build.Target == "worker" {
			known = worker
		}
		for variable := range service.Environment {
			require.Contains(t, known, variable, "service %s", name)
		}
	}
	require.Equal(t, 5, ours)
}

var variableName = regexp.MustCompile(`(?m)^  ([A-Z][A-Z0-9_]+) `)

// variables are those that a process prints with -h.
func variables(t *testing.T, process any) []string {
	t.Helper()
	var usage bytes.Buffer
	require.NoError(t, config.Usage(&usage, process))
	var names []string
	for _, match := range variableName.FindAllStringSubmatch(usage.String(), -1) {
		names = append(names, match[1])
	}
	require.Contains(t, names, "LOG_LEVEL")
	return names
}

// The worker's own configuration is accepted as it stands, and as .env changes it.
func TestCompose_WorkerConfigurationIsValid(t *testing.T) {
	const key = "key1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
	for name, env := range map[string][]string{
		"local development": nil,
		"an empty .env":     {"POSTGRES_PASSWORD=", "ENCRYPTION_KEYS=", "CONNEXIE_BASE_URL="},
		"a full .env":       {"POSTGRES_PASSWORD=abc", "ENCRYPTION_KEYS=" + key, "CONNEXIE_BASE_URL=https://api.connexie.example/v1"},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, value := range load(t, env...).Services["worker"].Environment {
				t.Setenv(variable, *value)
			}
			cfg, err := config.LoadWorker()
			require.NoError(t, err)
			_, err = secrets.ParseKeyRing(cfg.EncryptionKeys.Reveal())
			require.NoError(t, err)
			require.Equal(t, name == "a full .env", strings.Contains(cfg.URL.Reveal(), ":abc@"))
		})
	}
}

func TestCompose_WorkerMayFinishWhatItDoes(t *testing.T) {
	for variable, value := range load(t).Services["worker"].Environment {
		t.Setenv(variable, *value)
	}
	cfg, err := config.LoadWorker()
	require.NoError(t, err)
	grace := load(t).Services["worker"].StopGracePeriod
	require.NotNil(t, grace)
	require.Greater(t, time.Duration(*grace), cfg.StopTimeout)
}

// A dependency waits for what it needs: jobs to have ended well, services to be
// healthy.
func TestCompose_DependenciesHaveConditions(t *testing.T) {
	t.Parallel()
	project := load(t)
	jobs := []string{"temporal-schema", "temporal-namespace", "migrate"}
	for name, service := range project.Services {
		for target, dependency := range service.DependsOn {
			if slices.Contains(jobs, target) {
				require.Equal(t, types.ServiceConditionCompletedSuccessfully, dependency.Condition, "%s on %s", name, target)
				continue
			}
			require.Equal(t, types.ServiceConditionHealthy, dependency.Condition, "%s on %s", name, target)
			checked := project.Services[target].HealthCheck
			require.True(t, checked != nil && !checked.Disable, "%s waits for the health of %s, which has no check", name, target)
		}
	}
}

// Everything is published on this machine alone, and what is mounted exists.
func TestCompose_PortsAndMounts(t *testing.T) {
	t.Parallel()
	for name, service := range load(t).Services {
		for _, port := range service.Ports {
			require.Equal(t, "127.0.0.1", port.HostIP, name)
		}
		for _, volume := range service.Volumes {
			if volume.Type == types.VolumeTypeBind {
				require.DirExists(t, volume.Source, name)
			}
		}
		for _, argument := range append(slices.Clone(service.Entrypoint), values(service.Environment)...) {
			if file, mounted := strings.CutPrefix(argument, "/deploy/"); mounted {
				require.FileExists(t, filepath.Join("temporal", file), name)
			}
		}
	}
}

func values(environment types.MappingWithEquals) []string {
	var all []string
	for _, value := range environment {
		all = append(all, *value)
	}
	return all
}

// .env.example names what the compose file reads, no more and no less.
func TestCompose_EnvExampleIsComplete(t *testing.T) {
	t.Parallel()
	compose, err := os.ReadFile(filepath.Join(root, "docker-compose.yml"))
	require.NoError(t, err)
	example, err := os.ReadFile(filepath.Join(root, ".env.example"))
	require.NoError(t, err)
	read := map[string]bool{}
	for _, match := range regexp.MustCompile(`\$\{([A-Z_]+)`).FindAllStringSubmatch(string(compose), -1) {
		read[match[1]] = true
	}
	named := map[string]bool{}
	for _, match := range regexp.MustCompile(`(?m)^([A-Z_]+)=`).FindAllStringSubmatch(string(example), -1) {
		named[match[1]] = true
	}
	require.Equal(t, read, named)
}
