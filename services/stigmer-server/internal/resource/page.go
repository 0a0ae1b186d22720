package resource

import (
	"strings"

	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/rpc"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
)

const (
	// defaultPageSize is the size of a page when the client names none.
	defaultPageSize = 50
	// maxPageSize bounds what one answer may hold; a larger wish gets this many.
	maxPageSize = 1000
)

// Page is one page of a list.
type Page[R Resource] struct {
	Entries []R
	// Pages is the number of pages that the whole list has.
	Pages int32
	// Total is the number of entries of the whole list.
	Total int32
}

// ListAfter answers a page of the resources that match, newest first. The token is the id of the last entry of the page
// before and empty for the first page, so that a list can go on while resources come and go.
func (t Table[R]) ListAfter(reader store.Reader, match func(R) bool, size int32, token string) (Page[R], error) {
	if size < 0 {
		return Page[R]{}, Invalid("page_size is %d: use 1 to %d, or 0 for %d", size, maxPageSize, defaultPageSize)
	}
	if token != "" && !strings.HasPrefix(token, t.Prefix+"-") {
		return Page[R]{}, Invalid("page_token %q is not one: use the id of the last entry of the page before", token)
	}
	limit := pageSize(size)
	var page Page[R]
	err := t.each(reader, func(resource R) error {
		if !match(resource) {
			return nil
		}
		page.Total++
		after := token == "" || resource.GetMetadata().GetId() < token
		if after && len(page.Entries) < limit {
			page.Entries = append(page.Entries, resource)
		}
		return nil
	})
	page.Pages = pages(page.Total, limit)
	return page, err
}

// ListNumbered answers a page of the resources that match, newest first, by its number; without a page it answers all.
func (t Table[R]) ListNumbered(reader store.Reader, match func(R) bool, info *rpc.PageInfo) (Page[R], error) {
	if info.GetNum() < 0 || info.GetSize() < 0 {
		return Page[R]{}, Invalid("page %d of size %d does not exist: pages count from 0, sizes from 1", info.GetNum(),
			info.GetSize())
	}
	var page Page[R]
	limit := pageSize(info.GetSize())
	first := int64(info.GetNum()) * int64(limit)
	err := t.each(reader, func(resource R) error {
		if !match(resource) {
			return nil
		}
		place := int64(page.Total)
		page.Total++
		if info == nil || place >= first && place < first+int64(limit) {
			page.Entries = append(page.Entries, resource)
		}
		return nil
	})
	page.Pages = pages(page.Total, limit)
	if info == nil {
		page.Pages = min(page.Pages, 1)
	}
	return page, err
}

// each walks over all resources of the kind, newest first, until an error.
func (t Table[R]) each(reader store.Reader, visit func(R) error) error {
	for entry, err := range reader.Scan(store.ResourcePrefix(t.Space()), store.NewestFirst) {
		if err != nil {
			return err
		}
		value, err := entry.Value()
		if err != nil {
			return err
		}
		resource, err := t.decode(store.LastPart(entry.Key), value)
		if err != nil {
			return err
		}
		if err := visit(resource); err != nil {
			return err
		}
	}
	return nil
}

// All answers all resources that match, newest first.
func (t Table[R]) All(reader store.Reader, match func(R) bool) ([]R, error) {
	var all []R
	err := t.each(reader, func(resource R) error {
		if match(resource) {
			all = append(all, resource)
		}
		return nil
	})
	return all, err
}

func pageSize(wanted int32) int {
	if wanted == 0 {
		return defaultPageSize
	}
	return min(int(wanted), maxPageSize)
}

func pages(total int32, size int) int32 {
	return (total + int32(size) - 1) / int32(size)
}
