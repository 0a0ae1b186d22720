// Package manifest holds what the platform's form of a program needs beside the resources themselves: the annotations of
// every resource and the files in which the resources are handed over.
package manifest

import "maps"

// What every resource says about the program that made it. Names and values are the platform's.
const (
	SDKLanguage = "go"
	SDKVersion  = "0.1.0"

	AnnotationLanguage    = "stigmer.ai/sdk.language"
	AnnotationVersion     = "stigmer.ai/sdk.version"
	AnnotationGeneratedAt = "stigmer.ai/sdk.generated-at"
)

// Annotations says which SDK made a resource and when.
func Annotations() map[string]string {
	return map[string]string{
		AnnotationLanguage:    SDKLanguage,
		AnnotationVersion:     SDKVersion,
		AnnotationGeneratedAt: generatedAt(),
	}
}

// MergeAnnotations adds the user's annotations to those of the SDK; the user's win.
func MergeAnnotations(user map[string]string) map[string]string {
	merged := Annotations()
	maps.Copy(merged, user)
	return merged
}
