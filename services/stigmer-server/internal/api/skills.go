package api

import (
	"context"
	"errors"
	"regexp"
	"sync"

	"google.golang.org/protobuf/proto"

	skillv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/skill/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/artifact"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
)

// latestVersion is the name of a skill's newest version, as is no name at all.
const latestVersion = "latest"

var hashForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

// skills answers the methods of skills.
type skills struct {
	skillv1.UnimplementedSkillCommandControllerServer
	skillv1.UnimplementedSkillQueryControllerServer
	base
	archives artifact.Storage
	// archive makes storing an archive with its skill, and removing it with its last skill, one step each.
	archive sync.Mutex
}

// Push stores an archive and makes the skill that it holds, or changes the one with the same slug and organization. Every
// version stays, under the hash of its archive and under its tag.
func (s *skills) Push(ctx context.Context, request *skillv1.PushSkillRequest) (*skillv1.Skill, error) {
	scope, err := skillScope(request.GetScope())
	if err != nil {
		return nil, err
	}
	content, err := artifact.Read(request.GetArtifact())
	if err != nil {
		return nil, err
	}
	s.archive.Lock()
	defer s.archive.Unlock()
	key, err := s.archives.Put(content.Hash, request.GetArtifact())
	if err != nil {
		return nil, err
	}
	var pushed *skillv1.Skill
	err = s.store.Update(ctx, func(writer store.Writer) error {
		pushed = &skillv1.Skill{
			ApiVersion: resource.APIVersion, Kind: resource.Skills.Name,
			Metadata: &apiresource.ApiResourceMetadata{
				Name: request.GetName(), Org: request.GetOrg(), OwnerScope: scope,
			},
			Spec: &skillv1.SkillSpec{SkillMd: content.Document, Tag: request.GetTag()},
		}
		return s.save(writer, pushed, content.Hash, key)
	})
	return pushed, err
}

// skillScope is the scope of a pushed skill: the organization's where the client names none.
func skillScope(wanted apiresource.ApiResourceOwnerScope) (apiresource.ApiResourceOwnerScope, error) {
	switch wanted {
	case apiresource.ApiResourceOwnerScope_platform, apiresource.ApiResourceOwnerScope_organization:
		return wanted, nil
	case apiresource.ApiResourceOwnerScope_api_resource_owner_scope_unspecified:
		return apiresource.ApiResourceOwnerScope_organization, nil
	default:
		return wanted, resource.Invalid("Skill resources can only have platform or organization scope")
	}
}

func (s *skills) save(writer store.Writer, pushed *skillv1.Skill, hash, key string) error {
	if err := resource.ResolveSlug(pushed.GetMetadata()); err != nil {
		return err
	}
	metadata := pushed.GetMetadata()
	present, found, err := resource.Skills.FindSlug(writer, metadata.GetOrg(), metadata.GetSlug())
	switch {
	case err != nil:
		return err
	case found:
		err = resource.Skills.Replace(writer, present, pushed, s.now())
	default:
		err = resource.Skills.Insert(writer, pushed, s.ids, s.now())
	}
	if err != nil {
		return err
	}
	pushed.Status.VersionHash = hash
	pushed.Status.ArtifactStorageKey = key
	pushed.Status.State = skillv1.SkillState_SKILL_STATE_READY
	if err := resource.Skills.Save(writer, pushed); err != nil {
		return err
	}
	return saveVersion(writer, pushed)
}

// saveVersion keeps this version of a skill.
func saveVersion(writer store.Writer, skill *skillv1.Skill) error {
	value, err := proto.MarshalOptions{Deterministic: true}.Marshal(skill)
	if err != nil {
		return err
	}
	id, hash := skill.GetMetadata().GetId(), skill.GetStatus().GetVersionHash()
	if err := writer.Set(store.SkillVersionKey(id, hash), value); err != nil {
		return err
	}
	if skill.GetSpec().GetTag() == "" {
		return nil
	}
	return writer.Set(store.SkillTagKey(id, skill.GetSpec().GetTag()), []byte(hash))
}

// Get reads a skill by its id.
func (s *skills) Get(ctx context.Context, id *skillv1.SkillId) (*skillv1.Skill, error) {
	var found *skillv1.Skill
	err := s.store.View(ctx, func(reader store.Reader) (err error) {
		found, err = resource.Skills.Get(reader, id.GetValue())
		return err
	})
	return found, err
}

// GetByReference reads a skill by its slug, in the version that the reference names.
func (s *skills) GetByReference(
	ctx context.Context, reference *apiresource.ApiResourceReference,
) (*skillv1.Skill, error) {
	var found *skillv1.Skill
	err := s.store.View(ctx, func(reader store.Reader) (err error) {
		if found, err = resource.Skills.Resolve(reader, reference); err != nil {
			return err
		}
		found, err = versionOf(reader, found, reference.GetVersion())
		return err
	})
	return found, err
}

// versionOf reads a version of a skill by its hash or its tag. A tag means what was last pushed with it.
func versionOf(reader store.Reader, newest *skillv1.Skill, version string) (*skillv1.Skill, error) {
	tagged := newest.GetSpec().GetTag() == version
	if version == "" || version == latestVersion || tagged || newest.GetStatus().GetVersionHash() == version {
		return newest, nil
	}
	id, hash := newest.GetMetadata().GetId(), version
	if !hashForm.MatchString(version) {
		value, err := reader.Get(store.SkillTagKey(id, version))
		if errors.Is(err, store.ErrNotFound) {
			return nil, versionNotFound(newest, version)
		}
		if err != nil {
			return nil, err
		}
		hash = string(value)
	}
	value, err := reader.Get(store.SkillVersionKey(id, hash))
	if errors.Is(err, store.ErrNotFound) {
		return nil, versionNotFound(newest, version)
	}
	if err != nil {
		return nil, err
	}
	found := &skillv1.Skill{}
	if err := proto.Unmarshal(value, found); err != nil {
		return nil, err
	}
	if hash != version {
		// The content may have been pushed again with another tag since.
		found.Spec.Tag = version
	}
	return found, nil
}

func versionNotFound(skill *skillv1.Skill, version string) error {
	return &resource.NotFoundError{Kind: "Skill version", Reference: skill.GetMetadata().GetSlug() + ":" + version}
}

// GetArtifact reads the archive of a skill.
func (s *skills) GetArtifact(
	_ context.Context, request *skillv1.GetArtifactRequest,
) (*skillv1.GetArtifactResponse, error) {
	archive, err := s.archives.Get(request.GetArtifactStorageKey())
	if errors.Is(err, artifact.ErrNotFound) {
		return nil, &resource.NotFoundError{Kind: "Artifact", Reference: request.GetArtifactStorageKey()}
	}
	return &skillv1.GetArtifactResponse{Artifact: archive}, err
}

// Delete removes a skill with all its versions, and the archives that no other skill has.
func (s *skills) Delete(ctx context.Context, id *skillv1.SkillId) (*skillv1.Skill, error) {
	s.archive.Lock()
	defer s.archive.Unlock()
	var (
		gone   *skillv1.Skill
		hashes []string
	)
	err := s.store.Update(ctx, func(writer store.Writer) (err error) {
		if gone, err = resource.Skills.Get(writer, id.GetValue()); err != nil {
			return err
		}
		if hashes, err = removeVersions(writer, id.GetValue()); err != nil {
			return err
		}
		return resource.Skills.Remove(writer, gone)
	})
	if err != nil {
		return nil, err
	}
	return gone, s.removeUnused(ctx, hashes)
}

// removeVersions removes all versions and tags of a skill and answers the hashes of the versions.
func removeVersions(writer store.Writer, id string) (hashes []string, err error) {
	var keys []string
	for entry, err := range writer.Scan(store.SkillVersionPrefix(id), store.OldestFirst) {
		if err != nil {
			return nil, err
		}
		keys, hashes = append(keys, entry.Key), append(hashes, store.LastPart(entry.Key))
	}
	for entry, err := range writer.Scan(store.SkillTagPrefix(id), store.OldestFirst) {
		if err != nil {
			return nil, err
		}
		keys = append(keys, entry.Key)
	}
	for _, key := range keys {
		if err := writer.Delete(key); err != nil {
			return nil, err
		}
	}
	return hashes, nil
}

// removeUnused deletes the archives that no version of any skill has.
func (s *skills) removeUnused(ctx context.Context, hashes []string) error {
	unused := map[string]bool{}
	for _, hash := range hashes {
		unused[hash] = true
	}
	err := s.store.View(ctx, func(reader store.Reader) error {
		for entry, err := range reader.Scan(store.SkillVersionPrefix(""), store.OldestFirst) {
			if err != nil {
				return err
			}
			delete(unused, store.LastPart(entry.Key))
		}
		return nil
	})
	for hash := range unused {
		err = errors.Join(err, s.archives.Remove(artifact.Key(hash)))
	}
	return err
}
