package app_test

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	skillv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/skill/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"
)

// skillArchive makes an archive with a document.
func skillArchive(t *testing.T, document string) []byte {
	t.Helper()
	var buffer bytes.Buffer
	writer := zip.NewWriter(&buffer)
	file, err := writer.Create("SKILL.md")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write([]byte(document)); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

func (s *stack) push(name, tag, document string) *skillv1.Skill {
	s.t.Helper()
	return must[*skillv1.Skill](s.t)(s.skills.Push(s.t.Context(), &skillv1.PushSkillRequest{
		Name: name, Org: "local", Scope: apiresource.ApiResourceOwnerScope_organization, Tag: tag,
		Artifact: skillArchive(s.t, document),
	}))
}

// version reads a version of the skill that the tests push.
func (s *stack) version(version string) (*skillv1.Skill, error) {
	reference := referenceTo("adding-numbers")
	reference.Version = version
	return s.skillQuery.GetByReference(s.t.Context(), reference)
}

// archives answers the names of the stored archives.
func (s *stack) archives() []string {
	s.t.Helper()
	files, err := filepath.Glob(filepath.Join(s.settings.StorageDir, "skills", "*"))
	if err != nil {
		s.t.Fatal(err)
	}
	return files
}

func TestAPushedSkillIsFoundAndItsArchiveRead(t *testing.T) {
	s := newStack(t)
	pushed := s.push("Adding Numbers", "v1", "# Add")
	status := pushed.GetStatus()
	if pushed.GetSpec().GetSkillMd() != "# Add" || status.GetState() != skillv1.SkillState_SKILL_STATE_READY ||
		len(status.GetVersionHash()) != 64 || status.GetArtifactStorageKey() != "skills/"+status.GetVersionHash()+".zip" {
		t.Errorf("pushed is %s", pushed)
	}
	found := must[*skillv1.Skill](t)(s.skillQuery.Get(t.Context(), &skillv1.SkillId{Value: pushed.GetMetadata().GetId()}))
	if !proto.Equal(pushed, found) {
		t.Errorf("found %s", found)
	}
	archive := must[*skillv1.GetArtifactResponse](t)(s.skillQuery.GetArtifact(t.Context(),
		&skillv1.GetArtifactRequest{ArtifactStorageKey: status.GetArtifactStorageKey()}))
	if !bytes.Equal(archive.GetArtifact(), skillArchive(t, "# Add")) {
		t.Errorf("archive has %d bytes", len(archive.GetArtifact()))
	}
}

func TestEveryPushedVersionStaysUnderItsHashAndItsTag(t *testing.T) {
	s := newStack(t)
	first := s.push("Adding Numbers", "v1", "one")
	second := s.push("Adding Numbers", "v2", "two")
	third := s.push("Adding Numbers", "", "three")
	if second.GetMetadata().GetId() != first.GetMetadata().GetId() || third.GetMetadata().GetId() != first.GetMetadata().GetId() {
		t.Error("versions have ids of their own")
	}
	for version, wanted := range map[string]string{
		"": "three", "latest": "three", "v1": "one", "v2": "two",
		first.GetStatus().GetVersionHash(): "one", third.GetStatus().GetVersionHash(): "three",
	} {
		found, err := s.version(version)
		if err != nil || found.GetSpec().GetSkillMd() != wanted {
			t.Errorf("version %q is %q (%v), not %q", version, found.GetSpec().GetSkillMd(), err, wanted)
		}
	}
	for _, unknown := range []string{"v3", strings.Repeat("0", 64)} {
		_, err := s.version(unknown)
		refused(t, err, codes.NotFound, "Skill version not found: adding-numbers:"+unknown)
	}
	s.push("Adding Numbers", "v1", "four")
	if moved, err := s.version("v1"); err != nil || moved.GetSpec().GetSkillMd() != "four" {
		t.Errorf("the tag did not move: %s (%v)", moved.GetSpec(), err)
	}
	s.push("Adding Numbers", "v9", "two")
	s.push("Adding Numbers", "", "five")
	if old, err := s.version("v2"); err != nil || old.GetSpec().GetSkillMd() != "two" || old.GetSpec().GetTag() != "v2" {
		t.Errorf("v2 is %s (%v)", old.GetSpec(), err)
	}
}

func TestTheSameArchiveIsStoredOnceAndGoesWithItsLastSkill(t *testing.T) {
	s := newStack(t)
	one, other := s.push("Adding Numbers", "v1", "same"), s.push("Another", "", "same")
	s.push("Another", "", "different")
	if count := len(s.archives()); count != 2 {
		t.Errorf("%d archives are stored", count)
	}
	must[*skillv1.Skill](t)(s.skills.Delete(t.Context(), &skillv1.SkillId{Value: one.GetMetadata().GetId()}))
	if count := len(s.archives()); count != 2 {
		t.Errorf("%d archives are left while another skill has them", count)
	}
	_, err := s.version("v1")
	refused(t, err, codes.NotFound, "Skill not found: adding-numbers")
	must[*skillv1.Skill](t)(s.skills.Delete(t.Context(), &skillv1.SkillId{Value: other.GetMetadata().GetId()}))
	if count := len(s.archives()); count != 0 {
		t.Errorf("%d archives are left", count)
	}
	if keys := s.keys(); len(keys) != 0 {
		t.Errorf("%v is left", keys)
	}
}

func TestSkillsThatAreNoneAreRefused(t *testing.T) {
	s := newStack(t)
	good := func() *skillv1.PushSkillRequest {
		return &skillv1.PushSkillRequest{Name: "Adding Numbers", Org: "local", Artifact: skillArchive(t, "# Add")}
	}
	for words, change := range map[string]func(*skillv1.PushSkillRequest){
		"not a ZIP archive":              func(push *skillv1.PushSkillRequest) { push.Artifact = []byte("hello") },
		"has no letter or digit":         func(push *skillv1.PushSkillRequest) { push.Name = "!!!" },
		"platform or organization scope": func(push *skillv1.PushSkillRequest) { push.Scope = 3 },
		"tag":                            func(push *skillv1.PushSkillRequest) { push.Tag = "a b" },
	} {
		push := good()
		change(push)
		_, err := s.skills.Push(t.Context(), push)
		refused(t, err, codes.InvalidArgument, words)
	}
	pushed := must[*skillv1.Skill](t)(s.skills.Push(t.Context(), good()))
	if pushed.GetMetadata().GetOwnerScope() != apiresource.ApiResourceOwnerScope_organization {
		t.Errorf("scope is %s", pushed.GetMetadata().GetOwnerScope())
	}
	_, err := s.skillQuery.GetArtifact(t.Context(), &skillv1.GetArtifactRequest{ArtifactStorageKey: "../../etc/passwd"})
	refused(t, err, codes.InvalidArgument, "is not a storage key")
	key := "skills/" + strings.Repeat("0", 64) + ".zip"
	_, err = s.skillQuery.GetArtifact(t.Context(), &skillv1.GetArtifactRequest{ArtifactStorageKey: key})
	refused(t, err, codes.NotFound, "Artifact not found: "+key)
	_, err = s.skills.Delete(t.Context(), &skillv1.SkillId{Value: "skl-none"})
	refused(t, err, codes.NotFound, "Skill not found: skl-none")
}

func TestAnArchiveThatCannotBeStoredLeavesNoSkill(t *testing.T) {
	s := newStack(t)
	if err := os.WriteFile(s.settings.StorageDir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := s.skills.Push(t.Context(), &skillv1.PushSkillRequest{
		Name: "Adding Numbers", Artifact: skillArchive(t, "# Add"),
	})
	refused(t, err, codes.Internal, "storage directory")
	_, err = s.version("")
	refused(t, err, codes.NotFound)
}
