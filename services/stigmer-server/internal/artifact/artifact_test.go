package artifact_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/artifact"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// entry is a file of an archive.
type entry struct {
	name string
	text string
	mode fs.FileMode
}

func archive(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var buffer bytes.Buffer
	writer := zip.NewWriter(&buffer)
	for _, one := range entries {
		header := &zip.FileHeader{Name: one.name, Method: zip.Deflate}
		if one.text == "" {
			header.Method = zip.Store
		}
		header.SetMode(one.mode)
		file, err := writer.CreateHeader(header)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.Write([]byte(one.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

func TestAnArchiveGivesItsDocumentAndHash(t *testing.T) {
	data := archive(t, entry{"scripts/", "", fs.ModeDir | 0o755}, entry{"SKILL.md", "# How to add", 0o644},
		entry{"scripts/add.sh", "expr 1 + 1", 0o755}, entry{"docs/SKILL.md", "another", 0o644})
	content, err := artifact.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	if content.Document != "# How to add" || content.Hash != hex.EncodeToString(sum[:]) {
		t.Errorf("content is %+v", content)
	}
}

func TestArchivesThatAreNoneOrCouldHarmAreRefused(t *testing.T) {
	document := entry{"SKILL.md", "text", 0o644}
	for name, test := range map[string]struct {
		data  []byte
		words string
	}{
		"no archive":        {[]byte("hello"), "not a ZIP archive"},
		"nothing":           {nil, "not a ZIP archive"},
		"empty":             {archive(t), "SKILL.md is missing"},
		"in a folder":       {archive(t, entry{"skill/SKILL.md", "text", 0o644}), "at the top of the archive"},
		"empty document":    {archive(t, entry{"SKILL.md", "", 0o644}), "SKILL.md is empty"},
		"document twice":    {archive(t, document, document), "SKILL.md twice"},
		"not text":          {archive(t, entry{"SKILL.md", "\xff\xfe", 0o644}), "not UTF-8"},
		"large document":    {archive(t, entry{"SKILL.md", noise(1<<20 + 1), 0o644}), "more than 1 MB"},
		"parent":            {archive(t, document, entry{"../evil", "x", 0o644}), "leads out of its folder"},
		"parent inside":     {archive(t, document, entry{"a/../../evil", "x", 0o644}), "leads out of its folder"},
		"absolute":          {archive(t, document, entry{"/etc/evil", "x", 0o644}), "leads out of its folder"},
		"backslash":         {archive(t, document, entry{`..\evil`, "x", 0o644}), "leads out of its folder"},
		"link":              {archive(t, document, entry{"link", "/etc/passwd", fs.ModeSymlink | 0o777}), "neither a file nor a folder"},
		"pipe":              {archive(t, document, entry{"pipe", "", fs.ModeNamedPipe | 0o600}), "neither a file nor a folder"},
		"control character": {archive(t, document, entry{"a\nb", "x", 0o644}), "control characters"},
		"bomb":              {archive(t, document, entry{"zeros", strings.Repeat("\x00", 10<<20), 0o644}), "more than 100 times"},
		"cut off":           {archive(t, document)[:60], "not a ZIP archive"},
		"many files":        {archive(t, manyFiles()...), "10002 files and 10000 are allowed"},
	} {
		_, err := artifact.Read(test.data)
		if _, invalid := errors.AsType[*artifact.InvalidError](err); !invalid || !strings.Contains(err.Error(), test.words) {
			t.Errorf("%s: answered %v", name, err)
		}
	}
}

// noise is text that hardly gets smaller.
func noise(size int) string {
	var text strings.Builder
	for sum := sha256.Sum256(nil); text.Len() < size; sum = sha256.Sum256(sum[:]) {
		text.WriteString(hex.EncodeToString(sum[:]))
	}
	return text.String()[:size]
}

func manyFiles() []entry {
	entries := []entry{{"SKILL.md", "text", 0o644}}
	for index := range 10_001 {
		entries = append(entries, entry{"f" + strings.Repeat("x", index%7) + hex.EncodeToString([]byte{byte(index >> 8), byte(index)}), "", 0o644})
	}
	return entries
}

func TestADamagedDocumentIsRefused(t *testing.T) {
	data := archive(t, entry{"SKILL.md", noise(10_000), 0o644})
	data[1000] ^= 0xff
	if _, err := artifact.Read(data); err == nil || !strings.Contains(err.Error(), "SKILL.md cannot be unpacked") {
		t.Errorf("answered %v", err)
	}
}

// FuzzRead checks that no bytes crash the reader and that all errors are the sender's.
func FuzzRead(f *testing.F) {
	f.Add(archive(f, entry{"SKILL.md", "text", 0o644}, entry{"a/b", "text", 0o755}))
	f.Add([]byte("PK"))
	f.Fuzz(func(t *testing.T, data []byte) {
		content, err := artifact.Read(data)
		if _, invalid := errors.AsType[*artifact.InvalidError](err); err != nil && !invalid {
			t.Errorf("answered %v", err)
		}
		if err == nil && (content.Document == "" || len(content.Hash) != 64) {
			t.Errorf("content is %+v", content)
		}
	})
}

func TestAnArchiveIsStoredOnceAndRead(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "storage")
	storage := artifact.NewStorage(dir)
	hash := strings.Repeat("ab", 32)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if key, err := storage.Put(hash, []byte("content")); err != nil || key != "skills/"+hash+".zip" {
				t.Errorf("key is %s (%v)", key, err)
			}
		})
	}
	group.Wait()
	entries, err := os.ReadDir(filepath.Join(dir, "skills"))
	if err != nil || len(entries) != 1 {
		t.Errorf("directory has %v (%v)", entries, err)
	}
	if info, err := entries[0].Info(); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v (%v)", info.Mode(), err)
	}
	if data, err := storage.Get(artifact.Key(hash)); string(data) != "content" || err != nil {
		t.Errorf("read %q (%v)", data, err)
	}
	if err := errors.Join(storage.Remove(artifact.Key(hash)), storage.Remove(artifact.Key(hash))); err != nil {
		t.Error(err)
	}
	if _, err := storage.Get(artifact.Key(hash)); !errors.Is(err, artifact.ErrNotFound) {
		t.Errorf("after removal answered %v", err)
	}
}

func TestKeysThatAreNoneReachNoFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	storage := artifact.NewStorage(filepath.Join(dir, "storage"))
	for _, key := range []string{"", "../secret", "skills/../../secret", "/etc/passwd", "skills/" + strings.Repeat("A", 64) + ".zip",
		"skills/" + strings.Repeat("a", 64) + ".zip\n", "skills/" + strings.Repeat("a", 63) + ".zip"} {
		data, err := storage.Get(key)
		if _, invalid := errors.AsType[*artifact.InvalidError](err); !invalid || data != nil {
			t.Errorf("%q answered %q (%v)", key, data, err)
		}
		if err := storage.Remove(key); err == nil {
			t.Errorf("%q could be removed", key)
		}
	}
}

func TestAWriteThatDoesNotWorkLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "skills"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := artifact.NewStorage(dir).Put(strings.Repeat("ab", 32), []byte("x")); err == nil {
		t.Error("a file in place of the directory was no mistake")
	}
	if entries, err := os.ReadDir(dir); len(entries) != 1 || err != nil {
		t.Errorf("directory has %v (%v)", entries, err)
	}
}
