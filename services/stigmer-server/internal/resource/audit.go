package resource

import (
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"
)

// actor is who changes resources: there are no accounts locally.
const actor = "system"

// Fields that every resource has.
const (
	specField   protoreflect.Name = "spec"
	statusField protoreflect.Name = "status"
	auditField  protoreflect.Name = "audit"
)

// HasSpec tells whether a client said what it wants.
func HasSpec(resource Resource) bool {
	message := resource.ProtoReflect()
	return message.Has(message.Descriptor().Fields().ByName(specField))
}

// statusOf answers the message in the resource's field `status`, made when missing.
func statusOf(resource Resource) protoreflect.Message {
	message := resource.ProtoReflect()
	return message.Mutable(message.Descriptor().Fields().ByName(statusField)).Message()
}

// clearStatus removes what a client sent as status.
func clearStatus(resource Resource) {
	message := resource.ProtoReflect()
	message.Clear(message.Descriptor().Fields().ByName(statusField))
}

// copyStatus gives the resource the status of another one.
func copyStatus(resource, from Resource) {
	message := resource.ProtoReflect()
	field := message.Descriptor().Fields().ByName(statusField)
	message.Clear(field)
	if from.ProtoReflect().Has(field) {
		message.Set(field, protoreflect.ValueOfMessage(proto.Clone(from).ProtoReflect().Get(field).Message()))
	}
}

// Audit answers the resource's audit, made when missing.
func Audit(resource Resource) *apiresource.ApiResourceAudit {
	status := statusOf(resource)
	field := status.Descriptor().Fields().ByName(auditField)
	return status.Mutable(field).Message().Interface().(*apiresource.ApiResourceAudit)
}

func auditCreated(resource Resource, now time.Time) {
	audit := Audit(resource)
	audit.SpecAudit = created(now)
	audit.StatusAudit = created(now)
}

func created(now time.Time) *apiresource.ApiResourceAuditInfo {
	return &apiresource.ApiResourceAuditInfo{
		CreatedBy: &apiresource.ApiResourceAuditActor{Id: actor}, CreatedAt: timestamppb.New(now),
		UpdatedBy: &apiresource.ApiResourceAuditActor{Id: actor}, UpdatedAt: timestamppb.New(now),
		Event: apiresource.ApiResourceEventType_created.String(),
	}
}

func auditSpecUpdated(resource Resource, now time.Time) {
	audit := Audit(resource)
	audit.SpecAudit = updated(audit.GetSpecAudit(), now)
	audit.StatusAudit = updated(audit.GetStatusAudit(), now)
}

// AuditStatusUpdated notes a change of the status alone.
func AuditStatusUpdated(resource Resource, now time.Time) {
	audit := Audit(resource)
	audit.StatusAudit = updated(audit.GetStatusAudit(), now)
}

func updated(before *apiresource.ApiResourceAuditInfo, now time.Time) *apiresource.ApiResourceAuditInfo {
	after := created(now)
	after.Event = apiresource.ApiResourceEventType_updated.String()
	if before.GetCreatedBy() != nil {
		after.CreatedBy = before.GetCreatedBy()
	}
	if before.GetCreatedAt() != nil {
		after.CreatedAt = before.GetCreatedAt()
	}
	return after
}
