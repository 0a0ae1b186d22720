package orchestration

import (
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"golang.org/x/sync/errgroup"

	"github.com/stigmer/stigmer-e2e/services/internal/build"
	"github.com/stigmer/stigmer-e2e/services/internal/contract"
)

// startWorkers starts one worker per task queue of the server, side by side. The answer stops those that were started,
// also after an error.
func (e *Engine) startWorkers(c client.Client, fatal func(error)) (stop func(), err error) {
	queues := e.where.Queues
	agents := e.newWorker(c, queues.AgentStigmer, false, fatal)
	registerWorkflow(agents, agentWorkflow{e.timeouts, queues.AgentRunner}.Run, contract.AgentExecutionWorkflow)
	registerActivities(agents, e.agentActivities())
	workflows := e.newWorker(c, queues.WorkflowStigmer, false, fatal)
	registerWorkflow(workflows, workflowWorkflow{e.timeouts, queues.WorkflowRunner}.Run,
		contract.WorkflowExecutionWorkflow)
	registerActivities(workflows, e.workflowActivities())
	validations := e.newWorker(c, queues.ValidationStigmer, true, fatal)
	registerWorkflow(validations, validationWorkflow{e.timeouts, queues.ValidationRunner}.Run,
		contract.ValidationWorkflow)

	all := []worker.Worker{agents, workflows, validations}
	var starting errgroup.Group
	for _, one := range all {
		starting.Go(one.Start)
	}
	stop = func() {
		var stopping errgroup.Group
		for _, one := range all {
			stopping.Go(func() error { one.Stop(); return nil })
		}
		_ = stopping.Wait()
	}
	return stop, starting.Wait()
}

func (e *Engine) newWorker(c client.Client, queue string, workflowsOnly bool, fatal func(error)) worker.Worker {
	return worker.New(c, queue, worker.Options{
		BuildID: build.ID(),
		// One poller on the queue and one on the sticky queue: starts are eager, so that polls bring follow-up work only.
		MaxConcurrentWorkflowTaskPollers: 2,
		MaxConcurrentActivityTaskPollers: 1,
		LocalActivityWorkerOnly:          workflowsOnly,
		WorkerStopTimeout:                e.timeouts.Drain,
		OnFatalError:                     fatal,
	})
}

func registerWorkflow(w worker.Worker, run any, name string) {
	w.RegisterWorkflowWithOptions(run, workflow.RegisterOptions{Name: name})
}

func registerActivities(w worker.Worker, kind interface{ named() map[string]any }) {
	for name, function := range kind.named() {
		w.RegisterActivityWithOptions(function, activity.RegisterOptions{Name: name})
	}
}

func (a activities[E, S]) named() map[string]any {
	return map[string]any{
		beginActivity:                         a.Begin,
		recordActivity:                        a.Record,
		contract.UpdateStatusActivity:         a.End,
		contract.CompleteExternalActivityName: a.Notify,
	}
}
