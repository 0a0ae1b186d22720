package resource_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	agentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agent/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/rpc"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
)

func TestListsAreNewestFirstAndPaged(t *testing.T) {
	s := newShelf(t)
	var ids []string
	for index := range 7 {
		made := s.mustInsert(agent(fmt.Sprintf("agent %d", index), "local", organization))
		ids = append([]string{made.GetMetadata().GetId()}, ids...)
	}
	all := func(*agentv1.Agent) bool { return true }
	list := func(size int32, token string) (page resource.Page[*agentv1.Agent], err error) {
		err = s.view(func(reader store.Reader) (err error) {
			page, err = resource.Agents.ListAfter(reader, all, size, token)
			return err
		})
		return page, err
	}
	var seen []string
	token := ""
	for range 3 {
		page, err := list(3, token)
		if err != nil || page.Pages != 3 || page.Total != 7 {
			t.Fatalf("page has %d of %d entries on %d pages (%v)", len(page.Entries), page.Total, page.Pages, err)
		}
		for _, entry := range page.Entries {
			seen = append(seen, entry.GetMetadata().GetId())
		}
		token = seen[len(seen)-1]
	}
	if diff := cmp.Diff(ids, seen); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if page, err := list(3, token); err != nil || len(page.Entries) != 0 {
		t.Errorf("behind the end are %d entries (%v)", len(page.Entries), err)
	}
	if page, err := list(0, ""); err != nil || len(page.Entries) != 7 || page.Pages != 1 {
		t.Errorf("default page has %d entries of %d pages (%v)", len(page.Entries), page.Pages, err)
	}
	if page, err := list(1_000_000_000, ""); err != nil || len(page.Entries) != 7 {
		t.Errorf("huge page has %d entries (%v)", len(page.Entries), err)
	}
	for _, wrong := range []struct {
		size  int32
		token string
		words string
	}{{-1, "", "page_size is -1"}, {1, "2", `page_token "2" is not one`}, {1, "wfl-01", "page_token"}} {
		if _, err := list(wrong.size, wrong.token); status.Code(err) != codes.InvalidArgument ||
			!strings.Contains(err.Error(), wrong.words) {
			t.Errorf("page %+v answered %v", wrong, err)
		}
	}
}

func TestListsByNumberStartAtZero(t *testing.T) {
	s := newShelf(t)
	for index := range 5 {
		s.mustInsert(agent(fmt.Sprintf("agent %d", index), "local", organization))
	}
	for _, test := range []struct {
		info    *rpc.PageInfo
		wanted  string
		pages   int32
		mistake bool
	}{
		{nil, "4 3 2 1 0", 1, false},
		{&rpc.PageInfo{Num: 0, Size: 2}, "4 3", 3, false},
		{&rpc.PageInfo{Num: 2, Size: 2}, "0", 3, false},
		{&rpc.PageInfo{Num: 3, Size: 2}, "", 3, false},
		{&rpc.PageInfo{}, "4 3 2 1 0", 1, false},
		{&rpc.PageInfo{Num: -1, Size: 2}, "", 0, true},
		{&rpc.PageInfo{Num: 1, Size: -2}, "", 0, true},
		{&rpc.PageInfo{Num: 1<<31 - 1, Size: 1000}, "", 1, false},
	} {
		var names []string
		err := s.view(func(reader store.Reader) error {
			page, err := resource.Agents.ListNumbered(reader, func(*agentv1.Agent) bool { return true }, test.info)
			for _, entry := range page.Entries {
				names = append(names, strings.TrimPrefix(entry.GetMetadata().GetName(), "agent "))
			}
			if page.Pages != test.pages {
				t.Errorf("page %s is one of %d, not of %d", test.info, page.Pages, test.pages)
			}
			return err
		})
		if got := strings.Join(names, " "); got != test.wanted || (err != nil) != test.mistake {
			t.Errorf("page %s is %q (%v), not %q", test.info, got, err, test.wanted)
		}
	}
}
