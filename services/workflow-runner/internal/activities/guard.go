package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/heartbeat"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/message"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/secret"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/value"
)

// heartbeatInterval is how often a task at work shows that it lives, and with that how soon it learns that it is cancelled. A
// task that is over sooner shows nothing.
const heartbeatInterval = time.Second

// failure is how a task's activity fails.
type failure struct {
	kind    string
	text    string
	details message.Failure
	// passing failures may be over at the next attempt.
	passing bool
}

func (f *failure) Error() string { return f.text }

// work is one call of a task's activity.
type work struct {
	caller message.Caller
	vault  *secret.Vault
}

// guarded makes an activity of a function: with the secrets of the run, with heartbeats, and so that neither results
// nor errors nor panics carry the value of a secret into the history.
func guarded[I any](
	a *Activities, kind string, do func(context.Context, work, I) (message.Result, error),
) func(context.Context, message.Caller, I) (message.Result, error) {
	return func(ctx context.Context, caller message.Caller, input I) (result message.Result, err error) {
		vault, err := a.vault(ctx, caller)
		if err != nil {
			// The server was asked until the attempt's limit; another attempt may find it.
			return result, temporal.NewApplicationError(err.Error(), kind)
		}
		defer func() {
			if recovered := recover(); recovered != nil {
				err = &failure{kind: kind, text: fmt.Sprintf("the runner has a defect: %v", recovered)}
			}
			result.Value.V = vault.Conceal(result.Value.V)
			err = masked(vault, kind, err)
		}()
		ctx, end := heartbeat.Keep(ctx, a.temporal, activity.GetInfo(ctx).TaskToken, heartbeatInterval, a.logger)
		defer end(nil)
		return do(ctx, work{caller: caller, vault: vault}, input)
	}
}

func (a *Activities) vault(ctx context.Context, caller message.Caller) (*secret.Vault, error) {
	if !caller.HasSecrets {
		return secret.NewVault(caller.Nonce, nil), nil
	}
	return a.vaults.Get(ctx, caller.ExecutionID, caller.Nonce)
}

// masked makes the error that Temporal records.
func masked(vault *secret.Vault, kind string, err error) error {
	var failed *failure
	switch {
	case err == nil, errors.Is(err, activity.ErrResultPending), temporal.IsCanceledError(err):
		return err
	case !errors.As(err, &failed):
		failed = &failure{kind: kind, text: err.Error()}
	}
	details := failed.details
	if details.Body != nil {
		details.Body = &value.Value{V: vault.Conceal(details.Body.V)}
	}
	text := vault.MaskText(failed.text)
	if failed.passing {
		return temporal.NewApplicationError(text, failed.kind, details)
	}
	return temporal.NewNonRetryableApplicationError(text, failed.kind, nil, details)
}

// reveal puts the values of secrets into a value.
func (w work) reveal(v any) (any, error) { return w.vault.Reveal(v) }
