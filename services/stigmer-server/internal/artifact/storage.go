package artifact

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// keyForm is the form of a storage key: it names a file under the storage directory and can name no other.
var keyForm = regexp.MustCompile(`^skills/[0-9a-f]{64}\.zip$`)

// ErrNotFound says that no archive has the key.
var ErrNotFound = errors.New("archive not found")

// Storage keeps archives in a directory, each under the hash of its content.
type Storage struct{ dir string }

// NewStorage answers a storage; its directory is made with the first archive.
func NewStorage(dir string) Storage { return Storage{dir} }

// Key is where an archive with this hash lies.
func Key(hash string) string { return "skills/" + hash + ".zip" }

// Put stores an archive unless it is there. A reader sees all of it or nothing, also after a crash.
func (s Storage) Put(hash string, archive []byte) (key string, err error) {
	key = Key(hash)
	target := filepath.Join(s.dir, filepath.FromSlash(key))
	if _, err := os.Stat(target); err == nil {
		return key, nil
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		return "", fmt.Errorf("make storage directory: %w", err)
	}
	unfinished, err := os.CreateTemp(filepath.Dir(target), ".unfinished-*")
	if err != nil {
		return "", fmt.Errorf("store archive: %w", err)
	}
	_, err = unfinished.Write(archive)
	err = errors.Join(err, unfinished.Sync(), unfinished.Close())
	if err == nil {
		err = os.Rename(unfinished.Name(), target)
	}
	if err != nil {
		return "", errors.Join(fmt.Errorf("store archive: %w", err), os.Remove(unfinished.Name()))
	}
	return key, nil
}

// Get reads an archive.
func (s Storage) Get(key string) ([]byte, error) {
	if !keyForm.MatchString(key) {
		return nil, invalid("%q is not a storage key: use status.artifact_storage_key of a skill", key)
	}
	archive, err := os.ReadFile(filepath.Join(s.dir, filepath.FromSlash(key)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read archive: %w", err)
	}
	return archive, nil
}

// Remove deletes an archive; one that is not there is no error.
func (s Storage) Remove(key string) error {
	if !keyForm.MatchString(key) {
		return invalid("%q is not a storage key", key)
	}
	err := os.Remove(filepath.Join(s.dir, filepath.FromSlash(key)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
