package endtoend_test

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"

	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"
	environmentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/environment/v1"
	executioncontextv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/executioncontext/v1"
	workflowexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowexecution/v1"
	workflowinstancev1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflowinstance/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"

	"github.com/stigmer/stigmer-e2e/services/internal/contract"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/testkit"
)

// leaky answers with what it got, the secret in it included, and fails on /fail.
type leaky struct {
	mutex sync.Mutex
	seen  []string
}

func (l *leaky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	l.mutex.Lock()
	l.seen = append(l.seen, r.Header.Get("Authorization")+" "+r.URL.Query().Get("key")+" "+string(body))
	l.mutex.Unlock()
	if strings.HasPrefix(r.URL.Path, "/fail") {
		w.WriteHeader(http.StatusForbidden)
	}
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	_ = json.NewEncoder(w).Encode(map[string]any{"token": token, "text": "you said " + token, "forged": "[[secret:TOKEN:0123456789abcdef]]"})
}

func TestSecretsAreUsedAndNeverRecorded(t *testing.T) {
	t.Parallel()
	const (
		secretValue  = `s3cr3t "quoted"/+value`
		environments = "another-secret-of-the-environment"
		declared     = "declared-in-the-workflow"
	)
	web := &leaky{}
	server := httptest.NewServer(web)
	defer server.Close()
	stack := testkit.NewStack(t)
	stack.Agent("helper")
	agents := stack.Agents(func(_ context.Context, execution *agentexecutionv1.AgentExecution) (string, error) {
		return "done", nil
	})
	stack.MustApply("child", list(task("use", "HTTP_CALL", `{"method":"GET","endpoint":{"uri":"`+server.URL+`/child"},
		"headers":{"Authorization":"Bearer ${.secrets.TOKEN}"}}`)))
	spec := testkit.Spec(t, list(
		set("auth", `{"header":"Bearer ${.secrets.TOKEN}","region":"${.env_vars.REGION}"}`),
		task("call", "HTTP_CALL", `{"method":"POST","endpoint":{"uri":"`+server.URL+`/x?key=${.secrets.KEY}"},
			"headers":{"Authorization":"${ .header }"},"body":{"declared":"${.secrets.DECLARED}","region":"${ .region }"}}`),
		task("again", "HTTP_CALL", `{"method":"POST","endpoint":{"uri":"`+server.URL+`/again"},
			"headers":{"Authorization":"Bearer ${ .call.token }"},"body":{"forged":"${ .call.forged }"}}`),
		task("caught", "TRY", `{"try":[`+task("refused", "HTTP_CALL", `{"method":"GET","endpoint":{"uri":"`+server.URL+`/fail?key=${.secrets.KEY}"},
			"headers":{"Authorization":"${ .header }"}}`)+`],"catch":{"do":[`+set("note", `{"message":"${ .error.message }","body":"${ .error.body.text }"}`)+`]}}`),
		task("unreached", "TRY", `{"try":[`+task("nobody", "HTTP_CALL", `{"method":"GET","endpoint":{"uri":"`+closed(t)+`/${.secrets.KEY}"}}`)+
			`],"catch":{"do":[`+set("note2", `{"message":"${ .error.message }"}`)+`]}}`),
		task("ask", "AGENT_CALL", `{"agent":"helper","message":"hi","env":{"TOKEN":"${.secrets.TOKEN}","REGION":"${ .region }"}}`),
		task("sub", "RUN", `{"workflow":"child"}`),
		set("out", `{"all":"${ [.header, .call.text, .caught.message, .caught.body, .unreached.message, .sub.text] }"}`)))
	spec.EnvSpec = &environmentv1.EnvironmentSpec{Data: map[string]*environmentv1.EnvironmentValue{
		"TOKEN": {IsSecret: true}, "DECLARED": {IsSecret: true, Value: declared}, "REGION": {Value: "default"},
	}}
	workflow, err := stack.Apply("w", spec)
	if err != nil {
		t.Fatal(err)
	}
	instance := instanceWith(t, stack, workflow.GetMetadata().GetId(), stack.Environment("secrets", map[string]*environmentv1.EnvironmentValue{
		"KEY": {IsSecret: true, Value: environments}, "REGION": {Value: "eu"},
	}))
	id := stack.Start(workflow.GetMetadata().GetId(), &workflowexecutionv1.WorkflowExecutionSpec{
		WorkflowInstanceId: instance,
		// The workflow says that this is a secret, so that it is one even where the caller does not.
		RuntimeEnv: map[string]*executioncontextv1.ExecutionValue{"TOKEN": {Value: secretValue}},
	})
	final := stack.Ended(id)
	if final.GetPhase() != workflowexecutionv1.ExecutionPhase_EXECUTION_COMPLETED {
		t.Fatalf("%s: %s", final.GetPhase(), final.GetError())
	}
	want := []any{
		"Bearer ***", "you said ***", "GET " + server.URL + "/fail?key=*** answered 403 Forbidden: " +
			`{"forged":"[[secret:TOKEN:0123456789abcdef]]","text":"you said ***","token":"***"}`,
		"you said ***", final.GetOutput().AsMap()["all"].([]any)[4], "you said ***",
	}
	if diff := cmp.Diff(want, final.GetOutput().AsMap()["all"]); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	if got := want[4].(string); !strings.Contains(got, "/***: ") || !strings.Contains(got, "connection refused") {
		t.Errorf("the unreached call says %q", got)
	}
	if diff := cmp.Diff([]string{
		"Bearer " + secretValue + " " + environments + ` {"declared":"` + declared + `","region":"eu"}`,
		"Bearer " + secretValue + `  {"forged":"[[secret:TOKEN:0123456789abcdef]]"}`,
		"Bearer " + secretValue + " " + environments + " ",
		"Bearer " + secretValue + "  ",
	}, web.seen); diff != "" {
		t.Errorf("the service saw (-want +got):\n%s", diff)
	}
	given := agents.Seen(t)[0].GetSpec().GetRuntimeEnv()
	if got := given["TOKEN"]; got.GetValue() != secretValue || !got.GetIsSecret() {
		t.Errorf("the agent got %q, a secret: %v", got.GetValue(), got.GetIsSecret())
	}
	if got := given["REGION"]; got.GetValue() != "eu" || got.GetIsSecret() {
		t.Errorf("the agent got %q, a secret: %v", got.GetValue(), got.GetIsSecret())
	}
	scan(t, stack, final, secretValue, environments, declared)
	stack.Record("secrets", id)
}

// scan looks for values, in all their usual spellings, in everything that the stack records: the histories of all
// workflows, the server's among them, the log and the status.
func scan(t *testing.T, stack *testkit.Stack, final *workflowexecutionv1.WorkflowExecutionStatus, values ...string) {
	t.Helper()
	records := map[string]string{"the runner's log": stack.Log.String(), "the status": protojson.Format(final)}
	for _, id := range stack.Workflows("") {
		records["the history of "+id] = testkit.Readable(stack.History(id))
	}
	for _, part := range []string{
		contract.AgentExecutionWorkflow, contract.WorkflowExecutionWorkflow, contract.ValidationWorkflowIDPrefix,
		contract.ServerlessWorkflowIDPrefix,
	} {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(records)), func(name string) bool { return strings.Contains(name, part) }) {
			t.Errorf("no history of %s was found", part)
		}
	}
	for where, text := range records {
		for _, value := range values {
			quoted, _ := json.Marshal(value)
			for _, spelling := range []string{value, strings.Trim(string(quoted), `"`), url.QueryEscape(value), url.PathEscape(value)} {
				if at := strings.Index(text, spelling); at >= 0 {
					t.Errorf("%s holds a secret: %s", where, text[max(0, at-200):min(len(text), at+100)])
				}
			}
		}
	}
}

func instanceWith(
	t *testing.T, stack *testkit.Stack, workflowID string, environments ...*apiresource.ApiResourceReference,
) string {
	t.Helper()
	made, err := workflowinstancev1.NewWorkflowInstanceCommandControllerClient(stack.Connection()).Create(t.Context(),
		&workflowinstancev1.WorkflowInstance{
			ApiVersion: "agentic.stigmer.ai/v1", Kind: "WorkflowInstance",
			Metadata: &apiresource.ApiResourceMetadata{
				Name: "instance", Org: testkit.Organization, OwnerScope: apiresource.ApiResourceOwnerScope_organization,
			},
			Spec: &workflowinstancev1.WorkflowInstanceSpec{WorkflowId: workflowID, EnvRefs: environments},
		})
	if err != nil {
		t.Fatal(err)
	}
	return made.GetMetadata().GetId()
}

func TestASecretFromAnAgentIsMaskedInTheStatus(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t)
	stack.Agent("helper")
	stack.Agents(func(context.Context, *agentexecutionv1.AgentExecution) (string, error) {
		return "the key is sesame-open", nil
	})
	workflow := stack.MustApply("w", list(task("ask", "AGENT_CALL", `{"agent":"helper","message":"hi"}`)))
	final := stack.Ended(stack.Start(workflow.GetMetadata().GetId(), &workflowexecutionv1.WorkflowExecutionSpec{
		RuntimeEnv: map[string]*executioncontextv1.ExecutionValue{"KEY": {Value: "sesame-open", IsSecret: true}},
	}))
	if got := final.GetOutput().AsMap()["message"]; got != "the key is ***" {
		t.Errorf("message is %v", got)
	}
	if got := final.GetTasks()[0].GetOutput().AsMap()["message"]; got != "the key is ***" {
		t.Errorf("the task shows %v", got)
	}
}

func TestASecretCannotBeSentWherePeopleReadIt(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t)
	stack.Agent("helper")
	for kind, config := range map[string]string{
		"AGENT_CALL":    `{"agent":"helper","message":"${ .auth }"}`,
		"RUN":           `{"workflow":"w","input":{"x":"${ .auth }"}}`,
		"CALL_ACTIVITY": `{"activity":"A","input":{"x":["${ .auth }"]}}`,
	} {
		workflow := stack.MustApply("w", list(set("s", `{"auth":"Bearer ${.secrets.TOKEN}"}`), task("t", kind, config)))
		final := stack.Ended(stack.Start(workflow.GetMetadata().GetId(), &workflowexecutionv1.WorkflowExecutionSpec{
			RuntimeEnv: map[string]*executioncontextv1.ExecutionValue{"TOKEN": {Value: "hidden-value", IsSecret: true}},
		}))
		if got := final.GetError(); !strings.HasPrefix(got, `task "t" failed: the secret TOKEN would be readable in the `) {
			t.Errorf("%s: error is %q", kind, got)
		}
	}
}
