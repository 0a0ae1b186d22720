package execution

import (
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
)

// Fields that the status of both kinds of executions has.
const (
	phaseField     protoreflect.Name = "phase"
	errorField     protoreflect.Name = "error"
	startedField   protoreflect.Name = "started_at"
	completedField protoreflect.Name = "completed_at"
	auditField     protoreflect.Name = "audit"
)

// statusMessage is the status of an agent or workflow execution.
type statusMessage struct{ message protoreflect.Message }

// statusOf answers an execution's status, made when missing.
func statusOf(execution resource.Resource) statusMessage {
	message := execution.ProtoReflect()
	return statusMessage{message.Mutable(message.Descriptor().Fields().ByName("status")).Message()}
}

func (s statusMessage) field(name protoreflect.Name) protoreflect.FieldDescriptor {
	return s.message.Descriptor().Fields().ByName(name)
}

func (s statusMessage) phase() Phase { return Phase(s.message.Get(s.field(phaseField)).Enum()) }

func (s statusMessage) setPhase(phase Phase) {
	s.message.Set(s.field(phaseField), protoreflect.ValueOfEnum(protoreflect.EnumNumber(phase)))
}

func (s statusMessage) text(name protoreflect.Name) string {
	return s.message.Get(s.field(name)).String()
}

func (s statusMessage) setText(name protoreflect.Name, text string) {
	s.message.Set(s.field(name), protoreflect.ValueOfString(text))
}

// merge takes over what the news say: lists and maps that are not empty, single values that are set. The phase is not
// among them, since it follows rules, and neither is the audit, which is the server's.
func (s statusMessage) merge(news protoreflect.Message) {
	news.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		if field.Name() != phaseField && field.Name() != auditField {
			s.message.Set(field, value)
		}
		return true
	})
}

// enter moves the status into a phase, forward only, and notes the time of the beginning and of the end.
func (s statusMessage) enter(phase Phase, now time.Time) {
	if phase > s.phase() {
		s.setPhase(phase)
	}
	stamp := now.UTC().Format(time.RFC3339Nano)
	if s.phase() == InProgress && s.text(startedField) == "" {
		s.setText(startedField, stamp)
	}
	if s.phase().Terminal() && s.text(completedField) == "" {
		s.setText(completedField, stamp)
	}
}

// PhaseOf answers where an execution stands.
func PhaseOf(execution resource.Resource) Phase {
	return statusOf(execution).phase()
}

// ErrorOf answers why an execution failed.
func ErrorOf(execution resource.Resource) string {
	return statusOf(execution).text(errorField)
}
