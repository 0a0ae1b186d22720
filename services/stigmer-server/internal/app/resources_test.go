package app_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	agentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agent/v1"
	agentinstancev1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentinstance/v1"
	environmentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/environment/v1"
	executioncontextv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/executioncontext/v1"
	sessionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/session/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource/apiresourcekind"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/rpc"
)

func TestAnAppliedAgentIsFoundByIDAndBySlug(t *testing.T) {
	s := newStack(t)
	made := must[*agentv1.Agent](t)(s.agents.Apply(t.Context(), anAgent("Test Agent")))
	if !strings.HasPrefix(made.GetMetadata().GetId(), "agt-01") || made.GetMetadata().GetSlug() != "test-agent" {
		t.Errorf("metadata is %s", made.GetMetadata())
	}
	byID := must[*agentv1.Agent](t)(s.agentQuery.Get(t.Context(), &agentv1.AgentId{Value: made.GetMetadata().GetId()}))
	bySlug := must[*agentv1.Agent](t)(s.agentQuery.GetByReference(t.Context(), referenceTo("test-agent")))
	for _, found := range []*agentv1.Agent{byID, bySlug} {
		if diff := cmp.Diff(made, found, protocmp.Transform()); diff != "" {
			t.Errorf("found (-made +found):\n%s", diff)
		}
	}
	instance := must[*agentinstancev1.AgentInstance](t)(
		s.agentInstanceQuery.GetByReference(t.Context(), referenceTo("test-agent-default")))
	if instance.GetMetadata().GetId() != made.GetStatus().GetDefaultInstanceId() ||
		instance.GetSpec().GetAgentId() != made.GetMetadata().GetId() ||
		instance.GetMetadata().GetName() != "Test Agent-default" {
		t.Errorf("default instance is %s", instance)
	}
}

func TestApplyingAgainChangesTheSameAgent(t *testing.T) {
	s := newStack(t)
	first := must[*agentv1.Agent](t)(s.agents.Apply(t.Context(), anAgent("Test Agent")))
	changed := anAgent("Test Agent")
	changed.Spec.Instructions = "Answer every question rudely."
	second := must[*agentv1.Agent](t)(s.agents.Apply(t.Context(), changed))
	if second.GetMetadata().GetId() != first.GetMetadata().GetId() ||
		second.GetStatus().GetDefaultInstanceId() != first.GetStatus().GetDefaultInstanceId() {
		t.Errorf("first %s, then %s", first, second)
	}
	if second.GetSpec().GetInstructions() != "Answer every question rudely." {
		t.Errorf("spec is %s", second.GetSpec())
	}
	elsewhere := anAgent("Test Agent")
	elsewhere.Metadata.Org = "acme"
	other := must[*agentv1.Agent](t)(s.agents.Apply(t.Context(), elsewhere))
	if other.GetMetadata().GetId() == first.GetMetadata().GetId() {
		t.Error("an organization changed the agent of another one")
	}
}

func TestTheSameAgentAppliedManyTimesAtOnceIsMadeOnce(t *testing.T) {
	s := newStack(t)
	ids := make(chan string, 10)
	var group sync.WaitGroup
	for range cap(ids) {
		group.Go(func() {
			made, err := s.agents.Apply(t.Context(), anAgent("Test Agent"))
			if err != nil {
				t.Error(err)
			}
			ids <- made.GetMetadata().GetId()
		})
	}
	group.Wait()
	close(ids)
	different := map[string]bool{}
	for id := range ids {
		different[id] = true
	}
	if len(different) != 1 {
		t.Errorf("made %v", different)
	}
}

func TestMistakesHaveTheirCodes(t *testing.T) {
	s := newStack(t)
	made := must[*agentv1.Agent](t)(s.agents.Create(t.Context(), anAgent("Test Agent")))
	id := made.GetMetadata().GetId()
	nameless, specless, platformAgent := anAgent(""), anAgent("Other"), anAgent("Public")
	specless.Spec = nil
	platformAgent.Metadata.OwnerScope = apiresource.ApiResourceOwnerScope_platform
	public := must[*agentv1.Agent](t)(s.agents.Create(t.Context(), platformAgent))
	unknown := anAgent("Other")
	unknown.Metadata.Id = "agt-none"
	unnamed := anAgent("Other")
	missing := &apiresource.ApiResourceId{Value: "aex-none"}
	for name, test := range map[string]struct {
		call  func() error
		code  codes.Code
		words string
	}{
		"create what is there": {func() error { _, err := s.agents.Create(t.Context(), anAgent("Test Agent")); return err },
			codes.AlreadyExists, "Agent with slug 'test-agent' already exists (id: " + id + ")"},
		"create without name": {func() error { _, err := s.agents.Create(t.Context(), nameless); return err },
			codes.InvalidArgument, "resource name is empty, cannot generate slug"},
		"create without spec": {func() error { _, err := s.agents.Create(t.Context(), specless); return err },
			codes.InvalidArgument, "Agent has no spec"},
		"apply without name": {func() error { _, err := s.agents.Apply(t.Context(), nameless); return err },
			codes.InvalidArgument, "resource name is empty"},
		"get nothing": {func() error { _, err := s.agentQuery.Get(t.Context(), &agentv1.AgentId{Value: "agt-none"}); return err },
			codes.NotFound, "Agent not found: agt-none"},
		"get without id": {func() error { _, err := s.agentQuery.Get(t.Context(), &agentv1.AgentId{}); return err },
			codes.InvalidArgument, "value"},
		"look up nothing": {func() error { _, err := s.agentQuery.GetByReference(t.Context(), referenceTo("none")); return err },
			codes.NotFound, "Agent not found: none"},
		"look up without slug": {func() error { _, err := s.agentQuery.GetByReference(t.Context(), referenceTo("")); return err },
			codes.InvalidArgument, "slug is required"},
		"update nothing": {func() error { _, err := s.agents.Update(t.Context(), unknown); return err },
			codes.NotFound, "Agent not found: agt-none"},
		"update without name of anything": {func() error { _, err := s.agents.Update(t.Context(), unnamed); return err },
			codes.InvalidArgument, "resource id or slug is required for update"},
		"delete nothing": {func() error { _, err := s.agents.Delete(t.Context(), &agentv1.AgentId{Value: "agt-none"}); return err },
			codes.NotFound, "Agent not found: agt-none"},
		"run nothing": {func() error { _, err := s.agentRuns.Create(t.Context(), anAgentExecution("")); return err },
			codes.InvalidArgument, "either session_id or agent_id must be provided"},
		"run an agent that is not there": {func() error { _, err := s.agentRuns.Create(t.Context(), anAgentExecution("agt-none")); return err },
			codes.NotFound, "Agent not found: agt-none"},
		"run the platform's agent without session": {func() error {
			_, err := s.agentRuns.Create(t.Context(), anAgentExecution(public.GetMetadata().GetId()))
			return err
		}, codes.InvalidArgument, "create a session with its instance " + public.GetStatus().GetDefaultInstanceId()},
		"run a workflow that is not there": {func() error { _, err := s.workflowRuns.Create(t.Context(), aWorkflowExecution("wfl-none")); return err },
			codes.NotFound, "Workflow not found: wfl-none"},
		"run no workflow": {func() error { _, err := s.workflowRuns.Create(t.Context(), aWorkflowExecution("")); return err },
			codes.InvalidArgument, "either workflow_id or workflow_instance_id must be provided"},
		"delete an execution that is not there": {func() error { _, err := s.agentRuns.Delete(t.Context(), missing); return err },
			codes.NotFound, "AgentExecution not found: aex-none"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, test.call(), test.code, test.words) })
	}
}

func TestAnUpdateFindsTheAgentBySlugToo(t *testing.T) {
	s := newStack(t)
	made := must[*agentv1.Agent](t)(s.agents.Create(t.Context(), anAgent("Test Agent")))
	changed := anAgent("A New Name")
	changed.Metadata.Slug = "test-agent"
	updated := must[*agentv1.Agent](t)(s.agents.Update(t.Context(), changed))
	if updated.GetMetadata().GetId() != made.GetMetadata().GetId() || updated.GetMetadata().GetName() != "A New Name" {
		t.Errorf("updated is %s", updated.GetMetadata())
	}
}

func TestADeletedAgentTakesItsDefaultInstanceAlong(t *testing.T) {
	s := newStack(t)
	made := must[*agentv1.Agent](t)(s.agents.Apply(t.Context(), anAgent("Test Agent")))
	gone := must[*agentv1.Agent](t)(s.agents.Delete(t.Context(), &agentv1.AgentId{Value: made.GetMetadata().GetId()}))
	if diff := cmp.Diff(made, gone, protocmp.Transform()); diff != "" {
		t.Errorf("deleted (-made +gone):\n%s", diff)
	}
	_, err := s.agentInstanceQuery.GetByReference(t.Context(), referenceTo("test-agent-default"))
	refused(t, err, codes.NotFound, "AgentInstance not found: test-agent-default")
	again := must[*agentv1.Agent](t)(s.agents.Apply(t.Context(), anAgent("Test Agent")))
	if again.GetMetadata().GetId() == made.GetMetadata().GetId() || again.GetStatus().GetDefaultInstanceId() == "" {
		t.Errorf("made again: %s", again)
	}
}

func TestADefaultInstanceThatIsTakenLeavesNoHalfAgent(t *testing.T) {
	s := newStack(t)
	owner := must[*agentv1.Agent](t)(s.agents.Create(t.Context(), anAgent("Owner")))
	taken := anAgentInstance("Test Agent-default", owner.GetMetadata().GetId())
	must[*agentinstancev1.AgentInstance](t)(s.agentInstances.Create(t.Context(), taken))
	_, err := s.agents.Create(t.Context(), anAgent("Test Agent"))
	refused(t, err, codes.AlreadyExists, "AgentInstance with slug 'test-agent-default' already exists")
	_, err = s.agentQuery.GetByReference(t.Context(), referenceTo("test-agent"))
	refused(t, err, codes.NotFound)
}

func TestALostDefaultInstanceIsMadeAgain(t *testing.T) {
	s := newStack(t)
	made := must[*agentv1.Agent](t)(s.agents.Apply(t.Context(), anAgent("Test Agent")))
	id := &agentinstancev1.AgentInstanceId{Value: made.GetStatus().GetDefaultInstanceId()}
	must[*agentinstancev1.AgentInstance](t)(s.agentInstances.Delete(t.Context(), id))
	again := must[*agentv1.Agent](t)(s.agents.Apply(t.Context(), anAgent("Test Agent")))
	instance := must[*agentinstancev1.AgentInstance](t)(s.agentInstanceQuery.Get(t.Context(),
		&agentinstancev1.AgentInstanceId{Value: again.GetStatus().GetDefaultInstanceId()}))
	if instance.GetSpec().GetAgentId() != made.GetMetadata().GetId() {
		t.Errorf("instance is %s", instance)
	}
}

func anAgentInstance(name, agentID string) *agentinstancev1.AgentInstance {
	return &agentinstancev1.AgentInstance{
		ApiVersion: "agentic.stigmer.ai/v1", Kind: "AgentInstance", Metadata: metadata(name),
		Spec: &agentinstancev1.AgentInstanceSpec{AgentId: agentID},
	}
}

func metadata(name string) *apiresource.ApiResourceMetadata {
	return &apiresource.ApiResourceMetadata{
		Name: name, Org: "local", OwnerScope: apiresource.ApiResourceOwnerScope_organization,
	}
}

func aSession(name, instanceID string, tags ...string) *sessionv1.Session {
	session := &sessionv1.Session{
		ApiVersion: "agentic.stigmer.ai/v1", Kind: "Session", Metadata: metadata(name),
		Spec: &sessionv1.SessionSpec{AgentInstanceId: instanceID},
	}
	session.Metadata.Tags = tags
	return session
}

func TestInstancesAndSessionsAreListedByAgent(t *testing.T) {
	s := newStack(t)
	agent := must[*agentv1.Agent](t)(s.agents.Create(t.Context(), anAgent("Test Agent")))
	other := must[*agentv1.Agent](t)(s.agents.Create(t.Context(), anAgent("Other")))
	id := agent.GetMetadata().GetId()
	second := must[*agentinstancev1.AgentInstance](t)(s.agentInstances.Create(t.Context(), anAgentInstance("second", id)))
	list := must[*agentinstancev1.AgentInstanceList](t)(s.agentInstanceQuery.GetByAgent(t.Context(),
		&agentinstancev1.GetAgentInstancesByAgentRequest{AgentId: id}))
	if list.GetTotalCount() != 2 || list.GetItems()[0].GetMetadata().GetName() != "second" {
		t.Errorf("instances are %v", list)
	}
	paged := must[*agentinstancev1.AgentInstanceList](t)(s.agentInstanceQuery.GetByAgent(t.Context(),
		&agentinstancev1.GetAgentInstancesByAgentRequest{AgentId: id, PageInfo: &rpc.PageInfo{Num: 1, Size: 1}}))
	if paged.GetTotalCount() != 2 || len(paged.GetItems()) != 1 ||
		paged.GetItems()[0].GetMetadata().GetId() != agent.GetStatus().GetDefaultInstanceId() {
		t.Errorf("second page is %v", paged)
	}
	for name, instance := range map[string]string{
		"one": agent.GetStatus().GetDefaultInstanceId(), "two": second.GetMetadata().GetId(),
		"three": other.GetStatus().GetDefaultInstanceId(),
	} {
		must[*sessionv1.Session](t)(s.sessions.Create(t.Context(), aSession(name, instance, "all", name)))
	}
	byAgent := must[*sessionv1.SessionList](t)(s.sessionQuery.ListByAgent(t.Context(),
		&sessionv1.ListSessionsByAgentRequest{AgentId: id}))
	all := must[*sessionv1.SessionList](t)(s.sessionQuery.List(t.Context(), &sessionv1.ListSessionsRequest{PageSize: 2}))
	tagged := must[*sessionv1.SessionList](t)(s.sessionQuery.List(t.Context(),
		&sessionv1.ListSessionsRequest{Tags: []string{"all", "two"}}))
	if len(byAgent.GetEntries()) != 2 || len(all.GetEntries()) != 2 || all.GetTotalPages() != 2 ||
		len(tagged.GetEntries()) != 1 || tagged.GetEntries()[0].GetMetadata().GetName() != "two" {
		t.Errorf("by agent %v\nall %v\ntagged %v", byAgent, all, tagged)
	}
}

func TestWhatIsReferredToMustExist(t *testing.T) {
	s := newStack(t)
	_, err := s.agentInstances.Create(t.Context(), anAgentInstance("one", "agt-none"))
	refused(t, err, codes.NotFound, "Agent not found: agt-none")
	_, err = s.sessions.Create(t.Context(), aSession("one", "ain-none"))
	refused(t, err, codes.NotFound, "AgentInstance not found: ain-none")
	execution := anAgentExecution("")
	execution.Spec.SessionId = "ses-none"
	_, err = s.agentRuns.Create(t.Context(), execution)
	refused(t, err, codes.NotFound, "Session not found: ses-none")
}

func TestEnvironmentsKeepTheirSecretsAndTheirUsers(t *testing.T) {
	s := newStack(t)
	environment := &environmentv1.Environment{
		ApiVersion: "agentic.stigmer.ai/v1", Kind: "Environment", Metadata: metadata("production"),
		Spec: &environmentv1.EnvironmentSpec{Data: map[string]*environmentv1.EnvironmentValue{
			"TOKEN": {Value: "hunter2-environment", IsSecret: true},
		}},
	}
	made := must[*environmentv1.Environment](t)(s.environments.Apply(t.Context(), environment))
	found := must[*environmentv1.Environment](t)(s.environmentQuery.GetByReference(t.Context(), referenceTo("production")))
	if found.GetSpec().GetData()["TOKEN"].GetValue() != "hunter2-environment" {
		t.Errorf("environment is %s", found)
	}
	agent := must[*agentv1.Agent](t)(s.agents.Create(t.Context(), anAgent("Test Agent")))
	user := anAgentInstance("user", agent.GetMetadata().GetId())
	user.Spec.EnvironmentRefs = []*apiresource.ApiResourceReference{{
		Slug: "production", Kind: apiresourcekind.ApiResourceKind_environment,
	}}
	must[*agentinstancev1.AgentInstance](t)(s.agentInstances.Create(t.Context(), user))
	deletion := &apiresource.ApiResourceDeleteInput{ResourceId: made.GetMetadata().GetId()}
	_, err := s.environments.Delete(t.Context(), deletion)
	refused(t, err, codes.FailedPrecondition, "is used by AgentInstance", "set force")
	must[*environmentv1.Environment](t)(s.environmentQuery.Get(t.Context(),
		&apiresource.ApiResourceId{Value: made.GetMetadata().GetId()}))
	deletion.Force = true
	must[*environmentv1.Environment](t)(s.environments.Delete(t.Context(), deletion))
	_, err = s.environmentQuery.GetByReference(t.Context(), referenceTo("production"))
	refused(t, err, codes.NotFound)
	if strings.Contains(s.log.String(), "hunter2") {
		t.Error("the log holds a secret")
	}
}

func TestExecutionContextsAreKept(t *testing.T) {
	s := newStack(t)
	wanted := &executioncontextv1.ExecutionContext{
		ApiVersion: "agentic.stigmer.ai/v1", Kind: "ExecutionContext",
		Metadata: &apiresource.ApiResourceMetadata{Name: "of one", Org: "local"},
		Spec: &executioncontextv1.ExecutionContextSpec{
			ExecutionId: "aex-1", Data: map[string]*executioncontextv1.ExecutionValue{"A": {Value: "1"}},
		},
	}
	made := must[*executioncontextv1.ExecutionContext](t)(s.contexts.Create(t.Context(), wanted))
	_, err := s.contexts.Create(t.Context(), wanted)
	refused(t, err, codes.AlreadyExists)
	changed := proto.CloneOf(wanted)
	changed.Spec.Data["A"].Value = "2"
	must[*executioncontextv1.ExecutionContext](t)(s.contexts.Apply(t.Context(), changed))
	id := made.GetMetadata().GetId()
	found := must[*executioncontextv1.ExecutionContext](t)(s.contextQuery.Get(t.Context(),
		&executioncontextv1.ExecutionContextId{Value: id}))
	if found.GetSpec().GetData()["A"].GetValue() != "2" || !strings.HasPrefix(id, "exec-") {
		t.Errorf("context is %s", found)
	}
	must[*executioncontextv1.ExecutionContext](t)(s.contexts.Delete(t.Context(),
		&apiresource.ApiResourceDeleteInput{ResourceId: id}))
	_, err = s.contextQuery.GetByReference(t.Context(), referenceTo("of-one"))
	refused(t, err, codes.NotFound)
}

func TestWhatWasStoredIsThereAfterARestart(t *testing.T) {
	s := newStack(t)
	for index := range 20 {
		must[*agentv1.Agent](t)(s.agents.Apply(t.Context(), anAgent(fmt.Sprintf("agent %d", index))))
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	s.start()
	for index := range 20 {
		must[*agentv1.Agent](t)(s.agentQuery.GetByReference(t.Context(), referenceTo(fmt.Sprintf("agent-%d", index))))
	}
}
