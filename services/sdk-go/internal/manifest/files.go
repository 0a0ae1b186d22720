package manifest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"google.golang.org/protobuf/proto"
)

// indexWidth pads the number in a file name with zeros, so that the order of names is the order of the program for up to
// 10,000 resources of a kind; more of them only make the number wider.
const indexWidth = 4

// resourceFile matches the names that a synthesis writes, padded or not.
var resourceFile = regexp.MustCompile(`^(agent|workflow|skill)-\d+\.pb$`)

// File is one file of a synthesis.
type File struct {
	Name string
	Data []byte
}

// ResourceFile encodes one resource; kind is "agent" or "workflow".
func ResourceFile(kind string, index int, message proto.Message) (File, error) {
	// Deterministic: the same program gives the same bytes.
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(message)
	if err != nil {
		return File{}, fmt.Errorf("encode %s %d: %w", kind, index, err)
	}
	return File{Name: fmt.Sprintf("%s-%0*d.pb", kind, indexWidth, index), Data: data}, nil
}

// DependenciesFile encodes which resource must exist before which other one.
func DependenciesFile(dependencies map[string][]string) (File, error) {
	data, err := json.MarshalIndent(dependencies, "", "  ")
	if err != nil {
		return File{}, fmt.Errorf("encode dependencies: %w", err)
	}
	return File{Name: "dependencies.json", Data: append(data, '\n')}, nil
}

// Write puts the files into the directory, which it makes if needed. All of them are complete before the first one gets its
// name, so that a reader never sees a part of a file and a failure leaves nothing new behind. Resource files of an earlier
// synthesis are removed.
func Write(directory string, files []File) (err error) {
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return err
	}
	temporary := make([]string, 0, len(files))
	defer func() {
		if err != nil {
			for _, path := range temporary {
				_ = os.Remove(path)
			}
		}
	}()
	wanted := make(map[string]bool, len(files))
	for _, file := range files {
		path, err := writeTemporary(directory, file)
		if err != nil {
			return err
		}
		temporary = append(temporary, path)
		wanted[file.Name] = true
	}
	for index, file := range files {
		if err := os.Rename(temporary[index], filepath.Join(directory, file.Name)); err != nil {
			return err
		}
	}
	return removeStale(directory, wanted)
}

func writeTemporary(directory string, file File) (path string, err error) {
	// The leading dot keeps the name out of the patterns that a reader looks for.
	handle, err := os.CreateTemp(directory, "."+file.Name+".*")
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(handle.Name())
		}
	}()
	if _, err := handle.Write(file.Data); err != nil {
		_ = handle.Close()
		return "", err
	}
	// CreateTemp gives 0600; whoever reads the directory may be another user.
	if err := handle.Chmod(0o644); err != nil {
		_ = handle.Close()
		return "", err
	}
	return handle.Name(), handle.Close()
}

func removeStale(directory string, wanted map[string]bool) error {
	entries, err := os.ReadDir(directory)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if name := entry.Name(); resourceFile.MatchString(name) && !wanted[name] {
			if err := os.Remove(filepath.Join(directory, name)); err != nil {
				return err
			}
		}
	}
	return nil
}
