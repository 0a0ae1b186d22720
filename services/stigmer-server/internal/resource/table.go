package resource

import (
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
)

// Table is the place of one kind's resources in the store: the resource under its id, and its id under its slug.
type Table[R Resource] struct{ Kind }

// Get reads a resource by its id.
func (t Table[R]) Get(reader store.Reader, id string) (R, error) {
	value, err := reader.Get(store.ResourceKey(t.Space(), id))
	if errors.Is(err, store.ErrNotFound) {
		return *new(R), &NotFoundError{Kind: t.Name, Reference: id}
	}
	if err != nil {
		return *new(R), err
	}
	return t.decode(id, value)
}

func (t Table[R]) decode(id string, value []byte) (R, error) {
	resource := t.New().(R)
	if err := proto.Unmarshal(value, resource); err != nil {
		return *new(R), fmt.Errorf("stored %s %s cannot be read: %w", t.Name, id, err)
	}
	return resource, nil
}

// FindSlug reads a resource by its slug in an organization; false when there is none.
func (t Table[R]) FindSlug(reader store.Reader, org, slug string) (R, bool, error) {
	if !isSlug(slug) {
		// Text with a separator would be the key of another organization's slug.
		return *new(R), false, nil
	}
	id, err := reader.Get(store.SlugKey(t.Space(), org, slug))
	if errors.Is(err, store.ErrNotFound) {
		return *new(R), false, nil
	}
	if err != nil {
		return *new(R), false, err
	}
	resource, err := t.Get(reader, string(id))
	return resource, err == nil, err
}

// Insert stores a new resource: it gets a slug, an id and a fresh status; what the client sent as status is dropped.
func (t Table[R]) Insert(writer store.Writer, resource R, ids *IDs, now time.Time) error {
	metadata := resource.GetMetadata()
	if err := ResolveSlug(metadata); err != nil {
		return err
	}
	if t.Unique {
		present, found, err := t.FindSlug(writer, metadata.GetOrg(), metadata.GetSlug())
		if err != nil {
			return err
		}
		if found {
			return &ExistsError{Kind: t.Name, Slug: metadata.GetSlug(), ID: present.GetMetadata().GetId()}
		}
	}
	id, err := ids.New(t.Prefix)
	if err != nil {
		return err
	}
	metadata.Id = id
	clearStatus(resource)
	auditCreated(resource, now)
	if t.Unique {
		key := store.SlugKey(t.Space(), metadata.GetOrg(), metadata.GetSlug())
		if err := writer.Set(key, []byte(id)); err != nil {
			return err
		}
	}
	return t.Save(writer, resource)
}

// Replace stores a client's new version of a resource; id, slug, organization and status stay.
func (t Table[R]) Replace(writer store.Writer, present, resource R, now time.Time) error {
	metadata := resource.GetMetadata()
	metadata.Id = present.GetMetadata().GetId()
	metadata.Slug = present.GetMetadata().GetSlug()
	metadata.Org = present.GetMetadata().GetOrg()
	copyStatus(resource, present)
	auditSpecUpdated(resource, now)
	return t.Save(writer, resource)
}

// Save stores a resource as it is. Its id and slug must be those that it has in the store.
func (t Table[R]) Save(writer store.Writer, resource R) error {
	value, err := proto.MarshalOptions{Deterministic: true}.Marshal(resource)
	if err != nil {
		return fmt.Errorf("encode %s %s: %w", t.Name, resource.GetMetadata().GetId(), err)
	}
	return writer.Set(store.ResourceKey(t.Space(), resource.GetMetadata().GetId()), value)
}

// Remove deletes a resource and its slug.
func (t Table[R]) Remove(writer store.Writer, resource R) error {
	metadata := resource.GetMetadata()
	if t.Unique {
		if err := writer.Delete(store.SlugKey(t.Space(), metadata.GetOrg(), metadata.GetSlug())); err != nil {
			return err
		}
	}
	return writer.Delete(store.ResourceKey(t.Space(), metadata.GetId()))
}
