package manifest_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"google.golang.org/protobuf/types/known/structpb"

	"github.com/stigmer/stigmer/sdk/go/internal/manifest"
)

func files(t *testing.T, directory string) []string {
	t.Helper()
	entries, err := os.ReadDir(directory)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func TestNamesSortInTheOrderOfTheProgram(t *testing.T) {
	var names []string
	for _, index := range []int{0, 9, 10, 100, 9999, 12345} {
		file, err := manifest.ResourceFile("agent", index, structpb.NewNullValue())
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, file.Name)
	}
	want := []string{
		"agent-0000.pb", "agent-0009.pb", "agent-0010.pb", "agent-0100.pb", "agent-9999.pb", "agent-12345.pb",
	}
	if !slices.Equal(names, want) || !slices.IsSorted(names[:5]) {
		t.Errorf("names are %q", names)
	}
}

func TestFilesOfAnEarlierSynthesisGoAway(t *testing.T) {
	directory := t.TempDir()
	for _, name := range []string{"agent-0.pb", "agent-0001.pb", "workflow-0000.pb", "skill-7.pb", "agent-x.pb", "notes.txt"} {
		if err := os.WriteFile(filepath.Join(directory, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	err := manifest.Write(directory, []manifest.File{{Name: "agent-0000.pb", Data: []byte("new")}, {Name: "dependencies.json"}})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"agent-0000.pb", "agent-x.pb", "dependencies.json", "notes.txt"}
	if got := files(t, directory); !slices.Equal(got, want) {
		t.Errorf("files are %q, want %q", got, want)
	}
	info, err := os.Stat(filepath.Join(directory, "agent-0000.pb"))
	if err != nil || info.Mode().Perm() != 0o644 || info.Size() != 3 {
		t.Errorf("file is %v, %v", info, err)
	}
}

func TestAFailureLeavesNothingNew(t *testing.T) {
	directory := t.TempDir()
	if err := os.WriteFile(filepath.Join(directory, "agent-0000.pb"), []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	// A name with a separator cannot be made.
	err := manifest.Write(directory, []manifest.File{{Name: "agent-0000.pb", Data: []byte("new")}, {Name: "a/b"}})
	if err == nil {
		t.Fatal("no error")
	}
	if got := files(t, directory); !slices.Equal(got, []string{"agent-0000.pb"}) {
		t.Errorf("files are %q", got)
	}
	if data, _ := os.ReadFile(filepath.Join(directory, "agent-0000.pb")); string(data) != "old" {
		t.Errorf("the old file became %q", data)
	}
}

func TestADirectoryThatCannotBeMadeIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := manifest.Write(filepath.Join(file, "below"), nil); err == nil {
		t.Error("no error")
	}
}
