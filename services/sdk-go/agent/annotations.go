package agent

import "github.com/stigmer/stigmer/sdk/go/internal/manifest"

// What every resource says about the program that made it.
const (
	SDKLanguage = manifest.SDKLanguage
	SDKVersion  = manifest.SDKVersion

	AnnotationSDKLanguage    = manifest.AnnotationLanguage
	AnnotationSDKVersion     = manifest.AnnotationVersion
	AnnotationSDKGeneratedAt = manifest.AnnotationGeneratedAt
)

// SDKAnnotations are the annotations that every resource gets: language and version of the SDK, and the time in seconds
// since 1970 (or what SOURCE_DATE_EPOCH says, for reproducible output).
func SDKAnnotations() map[string]string { return manifest.Annotations() }

// MergeAnnotations adds annotations to those of the SDK; yours win.
func MergeAnnotations(userAnnotations map[string]string) map[string]string {
	return manifest.MergeAnnotations(userAnnotations)
}
