package api

import (
	"context"

	agentinstancev1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentinstance/v1"
	sessionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/session/v1"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
)

// sessions answers the methods of sessions.
type sessions struct {
	unimplementedSessions
	collection[*sessionv1.Session, *sessionv1.SessionId]
}

type unimplementedSessions struct {
	sessionv1.UnimplementedSessionCommandControllerServer
	sessionv1.UnimplementedSessionQueryControllerServer
}

func newSessions(b base) *sessions {
	answering := &sessions{}
	answering.collection = collection[*sessionv1.Session, *sessionv1.SessionId]{
		base: b, table: resource.Sessions,
		check: func(reader store.Reader, session *sessionv1.Session) error {
			_, err := resource.AgentInstances.Get(reader, session.GetSpec().GetAgentInstanceId())
			return err
		},
	}
	return answering
}

// List lists sessions, newest first.
func (s *sessions) List(ctx context.Context, request *sessionv1.ListSessionsRequest) (*sessionv1.SessionList, error) {
	page, err := listPage(ctx, s.store, s.table, func(session *sessionv1.Session) bool {
		return hasTags(session.GetMetadata(), request.GetTags())
	}, request.GetPageSize(), request.GetPageToken())
	if err != nil {
		return nil, err
	}
	return &sessionv1.SessionList{TotalPages: page.Pages, Entries: page.Entries}, nil
}

// ListByAgent lists the sessions with all instances of an agent, newest first.
func (s *sessions) ListByAgent(
	ctx context.Context, request *sessionv1.ListSessionsByAgentRequest,
) (*sessionv1.SessionList, error) {
	var page resource.Page[*sessionv1.Session]
	err := s.store.View(ctx, func(reader store.Reader) error {
		instances, err := instancesOfAgent(reader, request.GetAgentId())
		if err != nil {
			return err
		}
		page, err = s.table.ListAfter(reader, func(session *sessionv1.Session) bool {
			return instances[session.GetSpec().GetAgentInstanceId()]
		}, request.GetPageSize(), request.GetPageToken())
		return err
	})
	if err != nil {
		return nil, err
	}
	return &sessionv1.SessionList{TotalPages: page.Pages, Entries: page.Entries}, nil
}

// instancesOfAgent answers the ids of an agent's instances.
func instancesOfAgent(reader store.Reader, agentID string) (map[string]bool, error) {
	ids := map[string]bool{}
	instances, err := resource.AgentInstances.All(reader, func(instance *agentinstancev1.AgentInstance) bool {
		return instance.GetSpec().GetAgentId() == agentID
	})
	for _, instance := range instances {
		ids[instance.GetMetadata().GetId()] = true
	}
	return ids, err
}
