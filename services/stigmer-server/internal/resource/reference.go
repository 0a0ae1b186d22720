package resource

import (
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource/apiresourcekind"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
)

// Resolve reads the resource that a reference names. With an organization, or where the resource belongs to `local` or to
// none, that is one read of an index. Only a reference that names no organization, or asks for the platform's resource,
// goes on over the slugs of the other organizations.
func (t Table[R]) Resolve(reader store.Reader, reference *apiresource.ApiResourceReference) (R, error) {
	if err := t.checkReference(reference); err != nil {
		return *new(R), err
	}
	slug := reference.GetSlug()
	resource, found, err := t.FindSlug(reader, reference.GetOrg(), slug)
	if err != nil {
		return *new(R), err
	}
	if found && hasScope(resource, reference.GetScope()) {
		return resource, nil
	}
	anywhere := reference.GetOrg() == "" || reference.GetScope() == apiresource.ApiResourceOwnerScope_platform
	if anywhere && isSlug(slug) {
		return t.resolveAnywhere(reader, reference)
	}
	return *new(R), &NotFoundError{Kind: t.Name, Reference: slug}
}

func (t Table[R]) checkReference(reference *apiresource.ApiResourceReference) error {
	if reference.GetSlug() == "" {
		return Invalid("slug is required in reference")
	}
	kind := reference.GetKind()
	if kind != apiresourcekind.ApiResourceKind_api_resource_kind_unknown && kind != t.Enum {
		return Invalid("kind mismatch: expected %s, got %s", t.Enum, kind)
	}
	return nil
}

// resolveAnywhere looks through all organizations, in the order of their names.
func (t Table[R]) resolveAnywhere(reader store.Reader, reference *apiresource.ApiResourceReference) (R, error) {
	for entry, err := range reader.Scan(store.SlugPrefix(t.Space()), store.OldestFirst) {
		if err != nil {
			return *new(R), err
		}
		if !store.HasSlug(entry.Key, reference.GetSlug()) {
			continue
		}
		id, err := entry.Value()
		if err != nil {
			return *new(R), err
		}
		resource, err := t.Get(reader, string(id))
		if err != nil {
			return *new(R), err
		}
		if hasScope(resource, reference.GetScope()) {
			return resource, nil
		}
	}
	return *new(R), &NotFoundError{Kind: t.Name, Reference: reference.GetSlug()}
}

// hasScope tells whether a reference with a scope may mean a resource. Everybody sees what belongs to the platform, so a
// reference within an organization means that too.
func hasScope(resource Resource, scope apiresource.ApiResourceOwnerScope) bool {
	own := resource.GetMetadata().GetOwnerScope()
	unspecified := apiresource.ApiResourceOwnerScope_api_resource_owner_scope_unspecified
	return scope == unspecified || own == unspecified || scope == own ||
		scope == apiresource.ApiResourceOwnerScope_organization && own == apiresource.ApiResourceOwnerScope_platform
}
