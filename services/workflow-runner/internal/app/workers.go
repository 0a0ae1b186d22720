package app

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/stigmer/stigmer-e2e/services/internal/build"
	"github.com/stigmer/stigmer-e2e/services/internal/contract"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/activities"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/backend"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/definition"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/engine"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/execution"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/expression"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/message"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/secret"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/validation"
)

const (
	// waitingExecutions bounds the executions that a runner waits for. Waiting is a goroutine and an open call; it must
	// not take a place from tasks, or a RUN task could wait for a workflow that finds no place.
	waitingExecutions = 1000
	// workflowPollers is one on the queue and one on the sticky queue. Each is a queue that Temporal has to open at a start.
	workflowPollers = 2
	// activityPollers is enough: most activities of a run come with its workflow task, without a poll.
	activityPollers = 1
)

// workers are the three that the contract names. What they return besides is to be closed after they have stopped.
func workers(
	s Settings, temporal client.Client, server *backend.Client, logger *slog.Logger,
) ([]worker.Worker, *activities.Activities) {
	compiler := expression.NewCompiler()
	vaults := secret.NewVaults(server.Secrets)
	tasks := activities.New(server, temporal, vaults, logger)
	runs := &execution.Activity{
		Temporal: temporal,
		Backend:  server,
		Vaults:   vaults,
		Logger:   logger,
		Queue:    s.EngineQueue,
		RunLimit: s.Timeouts.WorkflowRun,
		Policy: message.Policy{
			TaskTimeout:   s.Timeouts.Task,
			TaskWait:      s.Timeouts.WorkflowScheduleToStart,
			RetryAttempts: s.RetryAttempts,
			RetryInterval: s.RetryInterval,
			RunLimit:      s.Timeouts.WorkflowRun,
			ActivityQueue: s.ActivityQueue,
		},
	}
	return []worker.Worker{
		executionWorker(s, temporal, runs),
		engineWorker(s, temporal, engine.New(compiler), tasks),
		validationWorker(s, temporal, compiler, logger),
	}, tasks
}

func executionWorker(s Settings, temporal client.Client, runs *execution.Activity) worker.Worker {
	options := common(s)
	options.DisableWorkflowWorker = true
	options.MaxConcurrentActivityExecutionSize = waitingExecutions
	made := worker.New(temporal, s.ExecutionQueue, options)
	made.RegisterActivityWithOptions(runs.Execute, activity.RegisterOptions{Name: contract.ExecuteWorkflowActivity})
	return made
}

func engineWorker(
	s Settings, temporal client.Client, interpreter *engine.Engine, tasks *activities.Activities,
) worker.Worker {
	options := common(s)
	options.MaxConcurrentActivityExecutionSize = s.MaxConcurrency
	options.MaxConcurrentLocalActivityExecutionSize = waitingExecutions
	// A defect of the interpreter must end the run with a word, not hold it until its limit.
	options.WorkflowPanicPolicy = worker.FailWorkflow
	// Workflow code never works for long at a time, but a busy machine may not let it work for a while. The default of a
	// second would fail runs for that; this is still less than the 10 s that Temporal waits for a workflow task.
	options.DeadlockDetectionTimeout = 8 * time.Second
	made := worker.New(temporal, s.EngineQueue, options)
	made.RegisterWorkflowWithOptions(interpreter.Execute, workflow.RegisterOptions{Name: contract.ServerlessWorkflow})
	for name, function := range tasks.Named() {
		made.RegisterActivityWithOptions(function, activity.RegisterOptions{Name: name})
	}
	return made
}

func validationWorker(s Settings, temporal client.Client, compiler *expression.Compiler, logger *slog.Logger) worker.Worker {
	options := common(s)
	options.DisableWorkflowWorker = true
	options.MaxConcurrentActivityExecutionSize = s.MaxConcurrency
	made := worker.New(temporal, s.ValidationQueue, options)
	validations := &validation.Activity{Checker: definition.NewChecker(compiler), Logger: logger}
	made.RegisterActivityWithOptions(validations.Validate, activity.RegisterOptions{Name: contract.ValidateWorkflowActivity})
	return made
}

func common(s Settings) worker.Options {
	return worker.Options{
		BuildID:                          build.ID(),
		WorkerStopTimeout:                s.Timeouts.Drain,
		MaxConcurrentActivityTaskPollers: activityPollers,
		MaxConcurrentWorkflowTaskPollers: workflowPollers,
	}
}

// start starts all workers; when one cannot, the others are stopped.
func start(all []worker.Worker, s Settings) error {
	// The build id in the options is what Temporal shows; this is what keeps the SDK from reading and hashing the
	// whole executable at the first start.
	worker.SetBinaryChecksum(build.ID())
	for i, one := range all {
		err := one.Start()
		if err == nil {
			continue
		}
		stop(all[:i])
		var missing *serviceerror.NamespaceNotFound
		if errors.As(err, &missing) {
			return fmt.Errorf("Temporal at %s has no namespace %q: %w; create it, or set TEMPORAL_NAMESPACE to one that is "+
				"there", s.TemporalAddress, s.TemporalNamespace, err)
		}
		return fmt.Errorf("start a worker: %w", err)
	}
	return nil
}

// stop drains all workers side by side.
func stop(all []worker.Worker) {
	var stopping sync.WaitGroup
	for _, one := range all {
		stopping.Go(one.Stop)
	}
	stopping.Wait()
}
