// Package api answers the RPCs of the Stigmer API. Fields are checked against the schema before a handler runs; handlers
// hold the rules that need the store or more than one field.
package api

import (
	"context"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
)

// base is what all handlers need.
type base struct {
	store store.Store
	ids   *resource.IDs
	now   func() time.Time
}

// named is a message that names a resource by its id.
type named interface{ GetValue() string }

// collection answers the methods that all kinds have; a kind's handlers embed it. The functions are the kind's own rules;
// each runs in the transaction of the method and may be nil.
type collection[R resource.Resource, ID named] struct {
	base
	table resource.Table[R]
	// check refuses a new or changed resource.
	check func(reader store.Reader, changed R) error
	// made completes a new or changed resource that is stored already.
	made func(writer store.Writer, changed R) error
	// removed takes along what belongs to a resource that was removed.
	removed func(writer store.Writer, gone R) error
}

// Create makes a resource.
func (c collection[R, ID]) Create(ctx context.Context, wanted R) (R, error) {
	return c.change(ctx, wanted, c.insert)
}

// Update replaces the spec of a resource.
func (c collection[R, ID]) Update(ctx context.Context, wanted R) (R, error) {
	return c.change(ctx, wanted, func(writer store.Writer, fresh R) error {
		present, err := c.present(writer, fresh.GetMetadata())
		if err != nil {
			return err
		}
		return c.replace(writer, present, fresh)
	})
}

// Apply makes a resource, or changes the one with the same slug and organization.
func (c collection[R, ID]) Apply(ctx context.Context, wanted R) (R, error) {
	return c.change(ctx, wanted, func(writer store.Writer, fresh R) error {
		if err := resource.ResolveSlug(fresh.GetMetadata()); err != nil {
			return err
		}
		present, found, err := c.table.FindSlug(writer, fresh.GetMetadata().GetOrg(), fresh.GetMetadata().GetSlug())
		if err != nil {
			return err
		}
		if found {
			return c.replace(writer, present, fresh)
		}
		return c.insert(writer, fresh)
	})
}

// change runs one transaction on a copy of the client's resource, since the transaction may have to be repeated.
func (c collection[R, ID]) change(ctx context.Context, wanted R, write func(store.Writer, R) error) (R, error) {
	if !resource.HasSpec(wanted) {
		return *new(R), resource.Invalid("%s has no spec: say in it what is wanted", c.table.Name)
	}
	var fresh R
	err := c.store.Update(ctx, func(writer store.Writer) error {
		fresh = proto.Clone(wanted).(R)
		return write(writer, fresh)
	})
	if err != nil {
		return *new(R), err
	}
	return fresh, nil
}

func (c collection[R, ID]) insert(writer store.Writer, fresh R) error {
	if err := call(c.check, store.Reader(writer), fresh); err != nil {
		return err
	}
	if err := c.table.Insert(writer, fresh, c.ids, c.now()); err != nil {
		return err
	}
	return call(c.made, writer, fresh)
}

func (c collection[R, ID]) replace(writer store.Writer, present, fresh R) error {
	if err := call(c.check, store.Reader(writer), fresh); err != nil {
		return err
	}
	if err := c.table.Replace(writer, present, fresh, c.now()); err != nil {
		return err
	}
	return call(c.made, writer, fresh)
}

func call[S any, R any](rule func(S, R) error, state S, subject R) error {
	if rule == nil {
		return nil
	}
	return rule(state, subject)
}

// present finds the resource that an update means: by its id, or by its slug in its organization.
func (c collection[R, ID]) present(reader store.Reader, metadata *apiresource.ApiResourceMetadata) (R, error) {
	if metadata.GetId() != "" {
		return c.table.Get(reader, metadata.GetId())
	}
	if metadata.GetSlug() == "" {
		return *new(R), resource.Invalid("resource id or slug is required for update: set metadata.id or metadata.slug")
	}
	found, ok, err := c.table.FindSlug(reader, metadata.GetOrg(), metadata.GetSlug())
	if err == nil && !ok {
		err = &resource.NotFoundError{Kind: c.table.Name, Reference: metadata.GetSlug()}
	}
	return found, err
}

// Delete removes a resource and answers what was removed.
func (c collection[R, ID]) Delete(ctx context.Context, id ID) (R, error) {
	return c.remove(ctx, id.GetValue())
}

func (c collection[R, ID]) remove(ctx context.Context, id string) (R, error) {
	var gone R
	err := c.store.Update(ctx, func(writer store.Writer) (err error) {
		if gone, err = c.table.Get(writer, id); err != nil {
			return err
		}
		if err := c.table.Remove(writer, gone); err != nil {
			return err
		}
		return call(c.removed, writer, gone)
	})
	return gone, err
}

// Get reads a resource by its id.
func (c collection[R, ID]) Get(ctx context.Context, id ID) (R, error) {
	var found R
	err := c.store.View(ctx, func(reader store.Reader) (err error) {
		found, err = c.table.Get(reader, id.GetValue())
		return err
	})
	return found, err
}

// GetByReference reads a resource by its slug.
func (c collection[R, ID]) GetByReference(
	ctx context.Context, reference *apiresource.ApiResourceReference,
) (R, error) {
	var found R
	err := c.store.View(ctx, func(reader store.Reader) (err error) {
		found, err = c.table.Resolve(reader, reference)
		return err
	})
	return found, err
}

// hasTags tells whether a resource has all of the tags.
func hasTags(metadata *apiresource.ApiResourceMetadata, wanted []string) bool {
	present := map[string]struct{}{}
	for _, tag := range metadata.GetTags() {
		present[tag] = struct{}{}
	}
	for _, tag := range wanted {
		if _, found := present[tag]; !found {
			return false
		}
	}
	return true
}
