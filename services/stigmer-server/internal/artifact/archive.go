// Package artifact keeps the archives of skills: it looks into them and stores each content once.
package artifact

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// documentName is the file at the top of an archive that holds a skill's text.
const documentName = "SKILL.md"

// Limits of an archive; those of the real Stigmer. An archive as a whole is as large as a message may be.
const (
	maxFiles        = 10_000
	maxUnpackedSize = 500 << 20
	// maxRatio is the most that a file may be smaller in the archive than outside it.
	maxRatio        = 100
	maxDocumentSize = 1 << 20
)

// InvalidError says what is wrong with an archive.
type InvalidError struct{ Message string }

func (e *InvalidError) Error() string { return e.Message }

func invalid(format string, arguments ...any) error {
	return &InvalidError{fmt.Sprintf(format, arguments...)}
}

// Content is what the platform needs of an archive.
type Content struct {
	// Document is the text of SKILL.md.
	Document string
	// Hash is the SHA-256 of the archive, 64 hexadecimal digits.
	Hash string
}

// Read looks into a ZIP archive. It unpacks nothing but SKILL.md, and that in memory.
func Read(archive []byte) (Content, error) {
	reader, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return Content{}, invalid("artifact is not a ZIP archive (%s): send the skill's folder as one, with SKILL.md at its top",
			err)
	}
	if len(reader.File) > maxFiles {
		return Content{}, invalid("archive holds %d files and %d are allowed", len(reader.File), maxFiles)
	}
	var unpacked uint64
	for _, file := range reader.File {
		if err := check(file); err != nil {
			return Content{}, err
		}
		if unpacked += file.UncompressedSize64; unpacked > maxUnpackedSize {
			return Content{}, invalid("archive holds more than %d MB", maxUnpackedSize>>20)
		}
	}
	document, err := readDocument(reader)
	if err != nil {
		return Content{}, err
	}
	hash := sha256.Sum256(archive)
	return Content{Document: document, Hash: hex.EncodeToString(hash[:])}, nil
}

// check refuses files that could harm whoever unpacks the archive.
func check(file *zip.File) error {
	name := file.Name
	switch {
	case !fs.ValidPath(path.Clean(name)) || strings.HasPrefix(name, "/") || strings.Contains(name, `\`):
		return invalid("archive holds %q, which leads out of its folder", name)
	case strings.ContainsFunc(name, unicode.IsControl):
		return invalid("archive holds %q, a name with control characters", name)
	case file.Mode()&(fs.ModeType&^fs.ModeDir) != 0:
		return invalid("archive holds %q, which is neither a file nor a folder", name)
	case file.UncompressedSize64/maxRatio > file.CompressedSize64:
		return invalid("archive holds %q, which unpacks to more than %d times its size", name, maxRatio)
	}
	return nil
}

func readDocument(reader *zip.Reader) (string, error) {
	var found *zip.File
	for _, file := range reader.File {
		if file.Name != documentName {
			continue
		}
		if found != nil {
			return "", invalid("archive holds %s twice", documentName)
		}
		found = file
	}
	if found == nil {
		return "", invalid("%s is missing: it must lie at the top of the archive, not in a folder", documentName)
	}
	opened, err := found.Open()
	if err != nil {
		return "", invalid("%s cannot be unpacked: %s", documentName, err)
	}
	defer opened.Close()
	text, err := io.ReadAll(io.LimitReader(opened, maxDocumentSize+1))
	switch {
	case err != nil:
		return "", invalid("%s cannot be unpacked: %s", documentName, err)
	case len(text) > maxDocumentSize:
		return "", invalid("%s has more than %d MB", documentName, maxDocumentSize>>20)
	case len(text) == 0:
		return "", invalid("%s is empty", documentName)
	case !utf8.Valid(text):
		return "", invalid("%s is not UTF-8 text", documentName)
	}
	return string(text), nil
}
