package resource_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	agentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agent/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource/apiresourcekind"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	platform     = apiresource.ApiResourceOwnerScope_platform
	organization = apiresource.ApiResourceOwnerScope_organization
	person       = apiresource.ApiResourceOwnerScope_identity_account
)

// shelf is a store with agents.
type shelf struct {
	t     testing.TB
	store store.Store
	ids   *resource.IDs
	now   time.Time
}

func newShelf(t testing.TB) *shelf {
	t.Helper()
	opened, err := store.Open(store.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := opened.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &shelf{t: t, store: opened, now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	s.ids = resource.NewIDs(func() time.Time { return s.now })
	return s
}

func agent(name, org string, scope apiresource.ApiResourceOwnerScope) *agentv1.Agent {
	return &agentv1.Agent{
		Kind: "Agent", Metadata: &apiresource.ApiResourceMetadata{Name: name, Org: org, OwnerScope: scope},
		Spec: &agentv1.AgentSpec{Instructions: "Answer politely."},
	}
}

func (s *shelf) insert(agent *agentv1.Agent) error {
	return s.store.Update(s.t.Context(), func(writer store.Writer) error {
		return resource.Agents.Insert(writer, agent, s.ids, s.now)
	})
}

func (s *shelf) mustInsert(agent *agentv1.Agent) *agentv1.Agent {
	s.t.Helper()
	if err := s.insert(agent); err != nil {
		s.t.Fatal(err)
	}
	return agent
}

func (s *shelf) view(read func(store.Reader) error) error {
	return s.store.View(s.t.Context(), read)
}

func TestANewResourceGetsWhatIsTheServersToGive(t *testing.T) {
	s := newShelf(t)
	wanted := agent("My Agent", "local", organization)
	wanted.Metadata.Id = "agt-chosen-by-the-client"
	wanted.Status = &agentv1.AgentStatus{DefaultInstanceId: "ain-chosen-by-the-client"}
	made := s.mustInsert(wanted)
	if made.GetMetadata().GetSlug() != "my-agent" || made.GetMetadata().GetId() == "agt-chosen-by-the-client" {
		t.Errorf("metadata is %s", made.GetMetadata())
	}
	if made.GetStatus().GetDefaultInstanceId() != "" {
		t.Errorf("the client's status stayed: %s", made.GetStatus())
	}
	for name, entry := range map[string]*apiresource.ApiResourceAuditInfo{
		"spec": made.GetStatus().GetAudit().GetSpecAudit(), "status": made.GetStatus().GetAudit().GetStatusAudit(),
	} {
		if entry.GetEvent() != "created" || !entry.GetCreatedAt().AsTime().Equal(s.now) ||
			!entry.GetUpdatedAt().AsTime().Equal(s.now) || entry.GetCreatedBy().GetId() != "system" {
			t.Errorf("audit of the %s is %s", name, entry)
		}
	}
	err := s.view(func(reader store.Reader) error {
		stored, err := resource.Agents.Get(reader, made.GetMetadata().GetId())
		if diff := cmp.Diff(made, stored, protocmp.Transform()); diff != "" {
			t.Errorf("stored (-answered +stored):\n%s", diff)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestReplacingKeepsIdentityAndStatus(t *testing.T) {
	s := newShelf(t)
	present := s.mustInsert(agent("My Agent", "acme", organization))
	present.Status.DefaultInstanceId = "ain-1"
	made := s.now
	s.now = s.now.Add(time.Hour)
	changed := agent("Another Name", "other", organization)
	changed.Spec.Instructions = "Answer rudely."
	changed.Status = &agentv1.AgentStatus{DefaultInstanceId: "ain-of-the-client"}
	err := s.store.Update(t.Context(), func(writer store.Writer) error {
		return resource.Agents.Replace(writer, present, changed, s.now)
	})
	if err != nil {
		t.Fatal(err)
	}
	metadata := changed.GetMetadata()
	if metadata.GetId() != present.GetMetadata().GetId() || metadata.GetSlug() != "my-agent" || metadata.GetOrg() != "acme" {
		t.Errorf("identity is %s", metadata)
	}
	if metadata.GetName() != "Another Name" || changed.GetSpec().GetInstructions() != "Answer rudely." {
		t.Errorf("the change is lost: %s", changed)
	}
	if changed.GetStatus().GetDefaultInstanceId() != "ain-1" {
		t.Errorf("status is %s", changed.GetStatus())
	}
	audit := changed.GetStatus().GetAudit().GetSpecAudit()
	if audit.GetEvent() != "updated" || !audit.GetCreatedAt().AsTime().Equal(made) ||
		!audit.GetUpdatedAt().AsTime().Equal(s.now) {
		t.Errorf("audit is %s", audit)
	}
}

func TestASlugIsTakenWithinItsOrganizationOnly(t *testing.T) {
	s := newShelf(t)
	first := s.mustInsert(agent("Test Agent", "local", organization))
	s.mustInsert(agent("Test Agent", "acme", organization))
	for _, org := range []string{"local", ""} {
		err := s.insert(agent("test agent", org, organization))
		if status.Code(err) != codes.AlreadyExists {
			t.Errorf("the second in %q answered %v", org, err)
		}
		wanted := "Agent with slug 'test-agent' already exists (id: " + first.GetMetadata().GetId() + ")"
		if err == nil || err.Error() != wanted {
			t.Errorf("message is %v, not %q", err, wanted)
		}
	}
}

func TestARemovedResourceLeavesNothing(t *testing.T) {
	s := newShelf(t)
	made := s.mustInsert(agent("Test Agent", "acme", organization))
	err := s.store.Update(t.Context(), func(writer store.Writer) error { return resource.Agents.Remove(writer, made) })
	if err != nil {
		t.Fatal(err)
	}
	err = s.view(func(reader store.Reader) error {
		for entry := range reader.Scan("", store.OldestFirst) {
			t.Errorf("%s is left", entry.Key)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestReferencesAreResolvedByOrganizationAndScope(t *testing.T) {
	s := newShelf(t)
	ids := map[string]string{}
	for name, made := range map[string]*agentv1.Agent{
		"local":            agent("Shared", "local", organization),
		"acme":             agent("Shared", "acme", organization),
		"only acme":        agent("Special", "acme", organization),
		"platform of acme": agent("Public", "acme", platform),
		"private of local": agent("Public", "local", organization),
	} {
		ids[name] = s.mustInsert(made).GetMetadata().GetId()
	}
	kind := apiresourcekind.ApiResourceKind_agent
	for name, test := range map[string]struct {
		reference *apiresource.ApiResourceReference
		wanted    string
	}{
		"in local":                    {&apiresource.ApiResourceReference{Org: "local", Slug: "shared", Kind: kind}, "local"},
		"in another organization":     {&apiresource.ApiResourceReference{Org: "acme", Slug: "shared", Kind: kind}, "acme"},
		"without organization":        {&apiresource.ApiResourceReference{Slug: "shared"}, "local"},
		"without, elsewhere":          {&apiresource.ApiResourceReference{Slug: "special"}, "only acme"},
		"not in this organization":    {&apiresource.ApiResourceReference{Org: "local", Slug: "special"}, ""},
		"with the scope":              {&apiresource.ApiResourceReference{Org: "acme", Slug: "shared", Scope: organization}, "acme"},
		"of the platform, elsewhere":  {&apiresource.ApiResourceReference{Org: "local", Slug: "public", Scope: platform}, "platform of acme"},
		"of the organization, beside": {&apiresource.ApiResourceReference{Slug: "public", Scope: organization}, "private of local"},
		"not of the platform":         {&apiresource.ApiResourceReference{Org: "acme", Slug: "shared", Scope: platform}, ""},
		"of the platform, within":     {&apiresource.ApiResourceReference{Org: "acme", Slug: "public", Scope: organization}, "platform of acme"},
		"not of a person":             {&apiresource.ApiResourceReference{Org: "acme", Slug: "shared", Scope: person}, ""},
		"an end of another slug":      {&apiresource.ApiResourceReference{Slug: "hared"}, ""},
		"with a separator":            {&apiresource.ApiResourceReference{Slug: "acme:special"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := s.view(func(reader store.Reader) error {
				found, err := resource.Agents.Resolve(reader, test.reference)
				if found.GetMetadata().GetId() != ids[test.wanted] {
					t.Errorf("found %s", found.GetMetadata())
				}
				return err
			})
			if test.wanted == "" && (status.Code(err) != codes.NotFound ||
				err.Error() != "Agent not found: "+test.reference.GetSlug()) {
				t.Errorf("answered %v", err)
			}
			if test.wanted != "" && err != nil {
				t.Error(err)
			}
		})
	}
}

func TestReferencesThatAreNoneAreRefused(t *testing.T) {
	s := newShelf(t)
	for words, reference := range map[string]*apiresource.ApiResourceReference{
		"slug is required": {Org: "local"},
		"kind mismatch":    {Slug: "a", Kind: apiresourcekind.ApiResourceKind_workflow},
	} {
		err := s.view(func(reader store.Reader) error {
			_, err := resource.Agents.Resolve(reader, reference)
			return err
		})
		if status.Code(err) != codes.InvalidArgument || !strings.Contains(err.Error(), words) {
			t.Errorf("%s answered %v", reference, err)
		}
	}
}

// FuzzResolve checks that a reference finds what has its slug, in its organization if it names one, and nothing else.
func FuzzResolve(f *testing.F) {
	f.Add("acme", "special", uint8(0))
	f.Add("", "acme:special", uint8(2))
	f.Add("acme:x", "y", uint8(1))
	f.Add("local", "shared", uint8(9))
	s := newShelf(f)
	for _, org := range []string{"local", "acme", "acme:x", "a/b"} {
		s.mustInsert(agent("Shared", org, organization))
		s.mustInsert(agent("Only "+org, org, platform))
	}
	f.Fuzz(func(t *testing.T, org, slug string, scope uint8) {
		reference := &apiresource.ApiResourceReference{
			Org: org, Slug: slug, Scope: apiresource.ApiResourceOwnerScope(scope),
		}
		var found *agentv1.Agent
		err := s.store.View(t.Context(), func(reader store.Reader) (err error) {
			found, err = resource.Agents.Resolve(reader, reference)
			return err
		})
		code := status.Code(err)
		if err != nil && code != codes.NotFound && code != codes.InvalidArgument {
			t.Fatalf("%s answered %v", reference, err)
		}
		if err != nil {
			return
		}
		if found.GetMetadata().GetSlug() != slug {
			t.Errorf("%s found %s", reference, found.GetMetadata())
		}
		if org != "" && reference.GetScope() != platform && found.GetMetadata().GetOrg() != org {
			t.Errorf("%s found %s", reference, found.GetMetadata())
		}
	})
}

// FuzzStoredBytes checks that bytes which are no resource are an error and never a crash, and that what can be read can be
// written and read again.
func FuzzStoredBytes(f *testing.F) {
	seed, err := proto.Marshal(agent("Test Agent", "local", organization))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add([]byte{0xff})
	s := newShelf(f)
	f.Fuzz(func(t *testing.T, value []byte) {
		err := s.store.Update(t.Context(), func(writer store.Writer) error {
			if err := writer.Set(store.ResourceKey("agent", "agt-1"), value); err != nil {
				return err
			}
			first, err := resource.Agents.Get(writer, "agt-1")
			if err != nil {
				if !strings.Contains(err.Error(), "agt-1") {
					t.Errorf("%v does not say which resource", err)
				}
				return nil
			}
			first.Metadata = &apiresource.ApiResourceMetadata{Id: "agt-1"}
			if err := resource.Agents.Save(writer, first); err != nil {
				return err
			}
			again, err := resource.Agents.Get(writer, "agt-1")
			if !proto.Equal(first, again) {
				t.Errorf("%v was read as %v", first, again)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestErrorsOfOneKindAreToldApart(t *testing.T) {
	s := newShelf(t)
	err := s.view(func(reader store.Reader) error {
		_, err := resource.Agents.Get(reader, "agt-none")
		return fmt.Errorf("around: %w", err)
	})
	missing, ok := errors.AsType[*resource.NotFoundError](err)
	if !ok || missing.Error() != "Agent not found: agt-none" {
		t.Errorf("answered %v", err)
	}
}
