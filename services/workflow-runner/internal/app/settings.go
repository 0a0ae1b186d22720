// Package app is the program: its settings, its connections and its workers.
package app

import (
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/stigmer/stigmer-e2e/services/internal/settings"
)

// Settings are read once from the environment.
type Settings struct {
	// BackendEndpoint is the server, host:port.
	BackendEndpoint string `env:"STIGMER_BACKEND_ENDPOINT,required,notEmpty"`
	// APIKey is sent to the server as a bearer token.
	APIKey string `env:"STIGMER_API_KEY,required,notEmpty"`
	// UseTLS is on unless it is exactly `false`, as in the real Stigmer.
	UseTLS string `env:"STIGMER_SERVICE_USE_TLS" envDefault:"true"`

	TemporalAddress   string `env:"TEMPORAL_SERVICE_ADDRESS" envDefault:"localhost:7233"`
	TemporalNamespace string `env:"TEMPORAL_NAMESPACE" envDefault:"default"`

	ExecutionQueue  string `env:"TEMPORAL_WORKFLOW_EXECUTION_RUNNER_TASK_QUEUE" envDefault:"workflow_execution_runner"`
	EngineQueue     string `env:"TEMPORAL_ZIGFLOW_EXECUTION_TASK_QUEUE" envDefault:"zigflow_execution"`
	ValidationQueue string `env:"TEMPORAL_WORKFLOW_VALIDATION_RUNNER_TASK_QUEUE" envDefault:"workflow_validation_runner"`
	// ActivityQueue is where CALL_ACTIVITY finds the worker of the user.
	ActivityQueue string `env:"TEMPORAL_CALL_ACTIVITY_TASK_QUEUE" envDefault:"workflow_activities"`

	// MaxConcurrency bounds the tasks that work at a time. Executions that only wait do not count.
	MaxConcurrency int `env:"TEMPORAL_MAX_CONCURRENCY" envDefault:"10"`

	// RetryAttempts and RetryInterval say how often a task is tried whose failure may pass, and how long the first pause
	// is; it doubles up to a minute.
	RetryAttempts int           `env:"STIGMER_TASK_RETRY_ATTEMPTS" envDefault:"5"`
	RetryInterval time.Duration `env:"STIGMER_TASK_RETRY_INTERVAL" envDefault:"1s"`

	LogLevel string `env:"LOG_LEVEL" envDefault:"info"`

	Timeouts settings.Timeouts
}

// ReadSettings reads the environment. All mistakes are reported together.
func ReadSettings() (Settings, error) {
	read, err := settings.FromEnvironment[Settings]()
	return read, errors.Join(err, read.check())
}

func (s Settings) check() error {
	var mistakes []error
	mistake := func(format string, arguments ...any) { mistakes = append(mistakes, fmt.Errorf(format, arguments...)) }
	address := func(name, value string) {
		if _, _, err := net.SplitHostPort(value); err != nil && value != "" {
			mistake("%s=%q must be host:port", name, value)
		}
	}
	address("STIGMER_BACKEND_ENDPOINT", s.BackendEndpoint)
	address("TEMPORAL_SERVICE_ADDRESS", s.TemporalAddress)
	if s.MaxConcurrency < 1 {
		mistake("TEMPORAL_MAX_CONCURRENCY=%d must be at least 1", s.MaxConcurrency)
	}
	if s.RetryAttempts < 1 {
		mistake("STIGMER_TASK_RETRY_ATTEMPTS=%d must be at least 1", s.RetryAttempts)
	}
	if s.RetryInterval <= 0 {
		mistake("STIGMER_TASK_RETRY_INTERVAL=%s must be more than 0", s.RetryInterval)
	}
	return errors.Join(mistakes...)
}

func (s Settings) tls() bool { return s.UseTLS != "false" }
