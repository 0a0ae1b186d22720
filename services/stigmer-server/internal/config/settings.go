// Package config reads what the server is told by its flags and its environment, once, at the start.
package config

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/stigmer/stigmer-e2e/services/internal/contract"
	"github.com/stigmer/stigmer-e2e/services/internal/settings"
)

// defaultPort is the port of the real Stigmer.
const defaultPort = 7234

// Settings are the settings of a server.
type Settings struct {
	// ListenDescriptor is an inherited file descriptor that listens already; 0 means listening on Port.
	ListenDescriptor int
	// Port is where to listen on 127.0.0.1; 0 lets the system choose.
	Port int
	// StoreDir holds the store.
	StoreDir string
	// StorageDir holds the archives of skills.
	StorageDir string
	LogLevel   string
	Temporal   Temporal
	Timeouts   settings.Timeouts
}

// Temporal says where Temporal is and which task queues to use.
type Temporal struct {
	Address   string
	Namespace string
	Queues    Queues
	// EnvironmentInArguments hands runners the values of `runtime_env` in the arguments of their activities, where
	// Temporal records them, for runners that do not ask the server for them.
	EnvironmentInArguments bool
}

// Queues are the task queues, two of a kind: where the server works, and where the runner does.
type Queues struct {
	AgentStigmer      string `env:"TEMPORAL_AGENT_EXECUTION_STIGMER_TASK_QUEUE"`
	AgentRunner       string `env:"TEMPORAL_AGENT_EXECUTION_RUNNER_TASK_QUEUE"`
	WorkflowStigmer   string `env:"TEMPORAL_WORKFLOW_EXECUTION_STIGMER_TASK_QUEUE"`
	WorkflowRunner    string `env:"TEMPORAL_WORKFLOW_EXECUTION_RUNNER_TASK_QUEUE"`
	ValidationStigmer string `env:"TEMPORAL_WORKFLOW_VALIDATION_STIGMER_TASK_QUEUE"`
	ValidationRunner  string `env:"TEMPORAL_WORKFLOW_VALIDATION_RUNNER_TASK_QUEUE"`
}

// environment is what the environment may say.
type environment struct {
	GRPCPort    string `env:"GRPC_PORT"`
	StigmerPort string `env:"STIGMER_PORT"`
	Home        string `env:"HOME"`
	StigmerHome string `env:"STIGMER_HOME"`
	StorePath   string `env:"DB_PATH"`
	StoragePath string `env:"STORAGE_PATH"`
	LogLevel    string `env:"LOG_LEVEL" envDefault:"info"`
	Address     string `env:"TEMPORAL_HOST_PORT" envDefault:"localhost:7233"`
	Namespace   string `env:"TEMPORAL_NAMESPACE" envDefault:"default"`
	Queues      Queues
	InArguments bool `env:"STIGMER_ENVIRONMENT_IN_ARGUMENTS"`
	Timeouts    settings.Timeouts
}

// Usage is what `--help` prints.
const Usage = `stigmer-server answers the Stigmer API over gRPC on 127.0.0.1, keeps what it is told in a BadgerDB directory and
runs agents and workflows on Temporal.

Usage: stigmer-server [--listen-fd N]

  --listen-fd N   use the inherited file descriptor N, a TCP socket that listens on 127.0.0.1 already
  --version       print name, version and the digest of the sources
  --help          print this

Environment:
  GRPC_PORT            port to listen on (default 7234; 0 lets the system choose; it is printed and logged)
  STIGMER_PORT         the same, where GRPC_PORT is not set
  DB_PATH              directory of the store (default $STIGMER_HOME/data, else $HOME/.stigmer/data)
  STORAGE_PATH         directory of skill archives (default $STIGMER_HOME/storage, else $HOME/.stigmer/storage)
  TEMPORAL_HOST_PORT   address of Temporal (default localhost:7233)
  TEMPORAL_NAMESPACE   namespace; it must exist (default "default")
  TEMPORAL_{AGENT_EXECUTION,WORKFLOW_EXECUTION,WORKFLOW_VALIDATION}_{STIGMER,RUNNER}_TASK_QUEUE
                       names of the six task queues (default: the same words in lower case, without TASK_QUEUE)
  LOG_LEVEL            debug, info, warn or error (default info); the log is JSON on standard error
  STIGMER_ENVIRONMENT_IN_ARGUMENTS
                       true for a workflow-runner of the real Stigmer: it gets the values of runtime_env through Temporal,
                       which shows them in its histories (default false: a runner asks the server)
  STIGMER_TIMEOUT_NAME time limits, for one STIGMER_TIMEOUT_AGENT_RUN=90s
  ENV                  accepted, without a meaning here
`

// ErrHelp and ErrVersion say that the user asked for that and for no server.
var (
	ErrHelp    = flag.ErrHelp
	ErrVersion = errors.New("version asked for")
)

// FromProcess reads the settings of this process. All mistakes of the environment are reported together.
func FromProcess(arguments []string) (Settings, error) {
	return From(arguments, os.Environ())
}

// From reads settings from arguments and `NAME=value` entries.
func From(arguments, environ []string) (Settings, error) {
	var result Settings
	flags := flag.NewFlagSet("stigmer-server", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	descriptor := flags.Int("listen-fd", 0, "")
	version := flags.Bool("version", false, "")
	if err := flags.Parse(arguments); err != nil {
		return result, hinted(err)
	}
	switch {
	case *version:
		return result, ErrVersion
	case flags.NArg() > 0:
		return result, fmt.Errorf("unexpected argument %q: see stigmer-server --help", flags.Arg(0))
	case isSet(flags, "listen-fd") && *descriptor < 3:
		return result, fmt.Errorf("--listen-fd %d: 0 to 2 are the standard streams, use a descriptor from 3 on", *descriptor)
	}
	read, err := settings.From[environment](environ)
	result = read.settings()
	result.ListenDescriptor = *descriptor
	mistakes := []error{err, read.paths(&result)}
	if result.ListenDescriptor == 0 {
		mistakes = append(mistakes, read.port(&result))
	}
	return result, errors.Join(append(mistakes, result.check())...)
}

func hinted(err error) error {
	if errors.Is(err, flag.ErrHelp) {
		return err
	}
	return fmt.Errorf("%w: see stigmer-server --help", err)
}

func isSet(flags *flag.FlagSet, name string) bool {
	found := false
	flags.Visit(func(set *flag.Flag) { found = found || set.Name == name })
	return found
}

func (e environment) settings() Settings {
	queues := e.Queues
	for queue, name := range map[*string]string{
		&queues.AgentStigmer: contract.AgentExecutionStigmerQueue, &queues.AgentRunner: contract.AgentExecutionRunnerQueue,
		&queues.WorkflowStigmer:   contract.WorkflowExecutionStigmerQueue,
		&queues.WorkflowRunner:    contract.WorkflowExecutionRunnerQueue,
		&queues.ValidationStigmer: contract.WorkflowValidationStigmerQueue,
		&queues.ValidationRunner:  contract.WorkflowValidationRunnerQueue,
	} {
		if *queue == "" {
			*queue = name
		}
	}
	return Settings{
		Port: defaultPort, LogLevel: e.LogLevel, Timeouts: e.Timeouts,
		Temporal: Temporal{
			Address: e.Address, Namespace: e.Namespace, Queues: queues, EnvironmentInArguments: e.InArguments,
		},
	}
}

// paths settles where files lie: the variable for it, else a folder under STIGMER_HOME, else one under HOME.
func (e environment) paths(result *Settings) error {
	home := e.StigmerHome
	if home == "" && e.Home != "" {
		home = filepath.Join(e.Home, ".stigmer")
	}
	result.StoreDir, result.StorageDir = e.StorePath, e.StoragePath
	var mistakes []error
	for _, path := range []struct {
		place          *string
		variable, name string
	}{{&result.StoreDir, "DB_PATH", "data"}, {&result.StorageDir, "STORAGE_PATH", "storage"}} {
		switch {
		case *path.place != "":
		case home != "":
			*path.place = filepath.Join(home, path.name)
		default:
			mistakes = append(mistakes, fmt.Errorf("%s: set it, or STIGMER_HOME, or HOME", path.variable))
		}
	}
	return errors.Join(mistakes...)
}

func (e environment) port(result *Settings) error {
	for _, variable := range []struct{ name, value string }{{"GRPC_PORT", e.GRPCPort}, {"STIGMER_PORT", e.StigmerPort}} {
		if variable.value == "" {
			continue
		}
		port, err := strconv.Atoi(variable.value)
		if err != nil || port < 0 || port > 65535 {
			return fmt.Errorf("%s=%q: use a port from 0 to 65535", variable.name, variable.value)
		}
		result.Port = port
		return nil
	}
	return nil
}

// check refuses what no later part would understand.
func (s Settings) check() error {
	var mistakes []error
	switch strings.ToLower(s.LogLevel) {
	case "debug", "info", "warn", "error":
	default:
		mistakes = append(mistakes, fmt.Errorf("LOG_LEVEL=%q: use debug, info, warn or error", s.LogLevel))
	}
	if !strings.Contains(s.Temporal.Address, ":") {
		mistakes = append(mistakes, fmt.Errorf("TEMPORAL_HOST_PORT=%q: use host:port", s.Temporal.Address))
	}
	if s.Temporal.Namespace == "" {
		mistakes = append(mistakes, errors.New("TEMPORAL_NAMESPACE is empty: use the name of a namespace that exists"))
	}
	return errors.Join(mistakes...)
}
