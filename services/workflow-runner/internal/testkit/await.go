package testkit

import (
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	workflowv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1"

	"github.com/stigmer/stigmer-e2e/services/internal/contract"
)

// eventually asks until the answer is yes, and fails with what the last one was.
func (s *Stack) eventually(what string, ask func() (ok bool, last any)) {
	s.T.Helper()
	deadline := time.Now().Add(WaitLimit)
	ticker := time.NewTicker(probeInterval)
	defer ticker.Stop()
	for {
		ok, last := ask()
		if ok {
			return
		}
		if time.Now().After(deadline) {
			s.T.Fatalf("%s did not come; the last look gave %v", what, last)
		}
		<-ticker.C
	}
}

// AwaitAttempt waits until the only activity of a workflow is at work in an attempt.
func (s *Stack) AwaitAttempt(workflowID string, attempt int32) {
	s.T.Helper()
	s.eventually("the attempt", func() (bool, any) {
		described, err := s.Temporal.DescribeWorkflowExecution(s.T.Context(), workflowID, "")
		if err != nil {
			return false, err
		}
		for _, one := range described.GetPendingActivities() {
			if one.GetAttempt() == attempt && one.GetState() == enumspb.PENDING_ACTIVITY_STATE_STARTED {
				return true, nil
			}
		}
		return false, described.GetPendingActivities()
	})
}

// AwaitScheduled waits until an execution waits for a runner.
func (s *Stack) AwaitScheduled(executionID string) {
	s.T.Helper()
	s.eventually("the activity of "+executionID, func() (bool, any) {
		described, err := s.Temporal.DescribeWorkflowExecution(s.T.Context(), contract.WorkflowExecutionWorkflow+"/"+executionID, "")
		return err == nil && len(described.GetPendingActivities()) > 0, err
	})
}

// AwaitClosed waits until a workflow has ended in a way.
func (s *Stack) AwaitClosed(workflowID string, status enumspb.WorkflowExecutionStatus) {
	s.T.Helper()
	s.eventually("the end of "+workflowID, func() (bool, any) {
		described, err := s.Temporal.DescribeWorkflowExecution(s.T.Context(), workflowID, "")
		if err != nil {
			return false, err
		}
		now := described.GetWorkflowExecutionInfo().GetStatus()
		return now == status, now
	})
}

// AwaitFailedReport waits until a run has tried in vain to report.
func (s *Stack) AwaitFailedReport(executionID string) {
	s.T.Helper()
	s.eventually("a report that failed", func() (bool, any) {
		whole := s.History(contract.ServerlessWorkflowIDPrefix + executionID)
		for _, event := range whole.GetEvents() {
			if event.GetMarkerRecordedEventAttributes().GetFailure() != nil {
				return true, nil
			}
		}
		return false, len(whole.GetEvents())
	})
}

// AwaitLog waits until the runner has logged a text.
func (s *Stack) AwaitLog(text string) {
	s.T.Helper()
	s.eventually("a line of the log", func() (bool, any) { return s.Log.Contains(text), text })
}

// Delete removes a workflow.
func (s *Stack) Delete(workflowID string) {
	s.T.Helper()
	_, err := workflowv1.NewWorkflowCommandControllerClient(s.connection).Delete(s.T.Context(),
		&workflowv1.WorkflowId{Value: workflowID})
	if err != nil {
		s.T.Fatal(err)
	}
}
