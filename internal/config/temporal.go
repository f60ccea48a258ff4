package config

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/BurntSushi/toml"
	"go.temporal.io/sdk/client"
	temporalenv "go.temporal.io/sdk/contrib/envconfig"
)

// Temporal is the connection to Temporal, read by Temporal's own package from
// its own variables and configuration file, as every Temporal tool does.
type Temporal struct {
	// A function, because fmt prints whatever a pointer leads to under a verb
	// that does not suit it, and credentials are among that (N3).
	options func() client.Options
}

// NewTemporal is the part for a program that starts its own server.
func NewTemporal(options client.Options) Temporal {
	return Temporal{options: func() client.Options { return options }}
}

// ClientOptions returns address, namespace and credentials, to which the caller
// adds logger, metrics and data converter. Every call returns a copy; the zero
// part means a server on this machine.
func (t Temporal) ClientOptions() client.Options {
	if t.options == nil {
		return client.Options{}
	}
	return t.options()
}

func (t *Temporal) load() []Problem {
	var found problemList
	env := withoutBlanks{temporalenv.EnvLookupOS}
	for _, name := range []string{"TEMPORAL_TLS", "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION"} {
		// Temporal's package ignores any other word, and with it the wish.
		if value, set := env.LookupEnv(name); set {
			found.add(oneOf(name, strings.ToLower(value), "true", "false", "1", "0")...)
		}
	}
	options, err := temporalenv.LoadClientOptions(temporalenv.LoadClientOptionsRequest{EnvLookup: env})
	if err != nil {
		found.add(Problem{Variable: "TEMPORAL_*", What: "cannot be used: " + temporalProblem(err, env)})
		return found
	}
	if scheme, _, has := strings.Cut(options.HostPort, "://"); has && strings.HasPrefix(scheme, "http") {
		found.add(Problem{Variable: "TEMPORAL_ADDRESS", What: "must be host:port, without http://", Example: "localhost:7233"})
	}
	*t = NewTemporal(options)
	return found
}

// shortestSecret keeps words such as "dev" from being replaced within others.
const shortestSecret = 6

// temporalProblem keeps the position of a mistake in a configuration file and
// drops its text, which quotes the file, where an API key may be. What came from
// a variable is shown as that variable's name.
func temporalProblem(err error, env withoutBlanks) string {
	if syntax, ok := errors.AsType[toml.ParseError](err); ok {
		return fmt.Sprintf("line %d of the configuration file is not TOML", syntax.Position.Line)
	}
	text := err.Error()
	for _, v := range (Temporal{}).variables() {
		if value, set := env.LookupEnv(v.name); set && len(value) >= shortestSecret {
			text = strings.ReplaceAll(text, value, v.name)
		}
	}
	return text
}

// withoutBlanks hides variables that hold only white space: an empty
// TEMPORAL_TLS_CLIENT_CERT_PATH, as compose files write it, would switch on TLS.
type withoutBlanks struct{ temporalenv.EnvLookup }

func (e withoutBlanks) LookupEnv(name string) (string, bool) {
	value := strings.TrimSpace(os.Getenv(name))
	return value, value != ""
}

// variables documents what Temporal's package reads; a test holds the list
// against it.
func (Temporal) variables() []variable {
	return []variable{
		{name: "TEMPORAL_ADDRESS", fallback: "localhost:7233", meaning: "Temporal's frontend, host:port."},
		{name: "TEMPORAL_NAMESPACE", fallback: "default", meaning: "Namespace of the workflows."},
		{name: "TEMPORAL_API_KEY", meaning: "API key (Temporal Cloud); switches TLS on. Never shown."},
		{name: "TEMPORAL_TLS", meaning: "true or false: TLS on or off, whatever else is set."},
		{name: "TEMPORAL_TLS_CLIENT_CERT_PATH", meaning: "File with the client certificate (mTLS), together with its key."},
		{name: "TEMPORAL_TLS_CLIENT_KEY_PATH", meaning: "File with the client certificate's key."},
		{name: "TEMPORAL_TLS_CLIENT_CERT_DATA", meaning: "The client certificate itself, as PEM, instead of a file."},
		{name: "TEMPORAL_TLS_CLIENT_KEY_DATA", meaning: "Its key itself, as PEM. Never shown."},
		{name: "TEMPORAL_TLS_SERVER_CA_CERT_PATH", meaning: "File with the authority that signed the server's certificate."},
		{name: "TEMPORAL_TLS_SERVER_CA_CERT_DATA", meaning: "That authority's certificate itself, as PEM."},
		{name: "TEMPORAL_TLS_SERVER_NAME", meaning: "Name to expect in the server's certificate."},
		{name: "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION", meaning: "true accepts any server certificate; for tests only."},
		{name: "TEMPORAL_CLIENT_AUTHORITY", meaning: "The :authority header, where a proxy asks for it."},
		{name: "TEMPORAL_GRPC_META_*", meaning: "Further gRPC headers: TEMPORAL_GRPC_META_X_TEAM=a sends x-team: a."},
		{name: "TEMPORAL_CONFIG_FILE", fallback: "temporalio/temporal.toml in the user's configuration folder", meaning: "File with the same settings; variables win."},
		{name: "TEMPORAL_PROFILE", fallback: "default", meaning: "Profile within that file."},
	}
}
