package api

import (
	"slices"
	"strings"
	"testing"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"go.uber.org/goleak"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rule is one constraint of the schema: a request that keeps it, and how to break it.
type rule struct {
	// field is the full name of the field that has the constraint, without the common first part.
	field string
	// kept is a valid request.
	kept func() proto.Message
	// broken makes the request invalid.
	broken func(proto.Message)
	// message is part of what the client reads.
	message string
}

func TestEveryConstraintOfTheSchemaIsChecked(t *testing.T) {
	for _, one := range allRules() {
		t.Run(one.field+" "+one.message, func(t *testing.T) {
			request := one.kept()
			if err := checkRequest(request); err != nil {
				t.Fatalf("a valid request is refused: %v", err)
			}
			one.broken(request)
			err := checkRequest(request)
			if status.Code(err) != codes.InvalidArgument {
				t.Fatalf("answered %v", err)
			}
			field := one.field[strings.LastIndex(one.field, ".")+1:]
			if !strings.Contains(err.Error(), one.message) || !strings.Contains(err.Error(), field) {
				t.Errorf("%q does not name %s and say %q", err, field, one.message)
			}
			var named []string
			for _, detail := range status.Convert(err).Details() {
				if violations, ok := detail.(*validate.Violations); ok {
					for _, violation := range violations.GetViolations() {
						elements := violation.GetField().GetElements()
						named = append(named, elements[len(elements)-1].GetFieldName())
					}
				}
			}
			if !slices.Contains(named, field) {
				t.Errorf("details name %v", named)
			}
		})
	}
}

// notAsked are constraints of messages that no method of the server takes.
var notAsked = []string{
	// Checked by the workflow-runner, which reads them from the JSON form.
	"agentic.workflow.v1.tasks.",
	// Messages without a method, kept for clients that know them.
	"agentic.environment.v1.EnvironmentId.", "agentic.agentexecution.v1.SessionId.", "agentic.session.v1.AgentId.",
	"agentic.workflowexecution.v1.WorkflowId.", "agentic.workflowexecution.v1.WorkflowExecutionUpdate.",
	"commons.apiresource.ApiResourceByOrgBySlugRequest.", "commons.apiresource.FindApiResourcesRequest.",
	"agentic.skill.v1.Skill.", "agentic.skill.v1.SkillSpec.",
}

func TestNoConstraintIsForgotten(t *testing.T) {
	tested := map[string]bool{}
	for _, one := range allRules() {
		tested[one.field] = true
	}
	count := 0
	for _, field := range constrainedFields() {
		if slices.ContainsFunc(notAsked, func(prefix string) bool { return strings.HasPrefix(field, prefix) }) {
			continue
		}
		count++
		if !tested[field] {
			t.Errorf("%s has a constraint and no test", field)
		}
	}
	if count < 80 {
		t.Errorf("only %d constraints were found", count)
	}
}

// constrainedFields are the fields of the contract that have a constraint.
func constrainedFields() []string {
	const common = "ai.stigmer."
	var fields []string
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if !strings.HasPrefix(string(file.Package()), common) {
			return true
		}
		for index := range file.Messages().Len() {
			message := file.Messages().Get(index)
			for index := range message.Fields().Len() {
				field := message.Fields().Get(index)
				if proto.HasExtension(field.Options(), validate.E_Field) {
					fields = append(fields, strings.TrimPrefix(string(field.FullName()), common))
				}
			}
		}
		return true
	})
	return fields
}

func TestRequestsThatKeepTheRulesAreNotRefused(t *testing.T) {
	for _, text := range []string{"", "latest", "v1.0-rc_1", strings.Repeat("a", 64)} {
		request := aReference()
		request.Version = text
		if err := checkRequest(request); err != nil {
			t.Errorf("version %q: %v", text, err)
		}
	}
	for _, scope := range []int32{1, 2} {
		request := anAgent()
		request.Metadata.OwnerScope = scopeOf(scope)
		if err := checkRequest(request); err != nil {
			t.Errorf("scope %d: %v", scope, err)
		}
	}
	request := anAgent()
	request.Spec.Instructions = "äöüäöüäöüä"
	if err := checkRequest(request); err != nil {
		t.Errorf("ten letters of two bytes: %v", err)
	}
}
