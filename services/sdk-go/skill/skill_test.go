package skill_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/stigmer/stigmer/sdk/go/skill"
	"github.com/stigmer/stigmer/sdk/go/skillref"
)

func TestAWrongNameIsRefusedAtOnce(t *testing.T) {
	for _, name := range []string{"", "House Style", "-a"} {
		if _, err := skill.New(nil, name, nil); err == nil || !strings.Contains(err.Error(), "name: slug") {
			t.Errorf("%q gives %v", name, err)
		}
	}
}

func TestASkillWithoutTextIsNamed(t *testing.T) {
	created, err := skill.New(nil, "style", &skill.SkillArgs{MarkdownContent: " \n"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := created.ToProto(); err == nil || !strings.Contains(err.Error(), `skill "style": skill_md: is required`) {
		t.Errorf("got %v", err)
	}
}

func TestTheDescriptionStandsInFrontOfTheText(t *testing.T) {
	for name, c := range map[string]struct{ description, content, want string }{
		"none":   {"", "# A", "# A"},
		"one":    {`says "how"`, "# A", "---\nname: style\ndescription: \"says \\\"how\\\"\"\n---\n# A"},
		"theirs": {"mine", "---\nname: x\n---\n# A", "---\nname: x\n---\n# A"},
	} {
		created, err := skill.New(nil, "style", &skill.SkillArgs{Description: c.description, MarkdownContent: c.content})
		if err != nil {
			t.Fatal(err)
		}
		converted, err := created.ToProto()
		if err != nil {
			t.Fatal(err)
		}
		if got := converted.GetSpec().GetSkillMd(); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		if !proto.Equal(created.Ref(), skillref.Organization("", "style")) {
			t.Errorf("the reference is %v", created.Ref())
		}
	}
}
