package resource_test

import (
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
)

func TestIDsHaveTheFormOfTheContract(t *testing.T) {
	id, err := resource.NewIDs(time.Now).New("agt")
	if err != nil || !regexp.MustCompile(`^agt-[0-7][0-9a-hjkmnp-tv-z]{25}$`).MatchString(id) {
		t.Errorf("id is %q (%v)", id, err)
	}
}

func TestIDsOfOneMomentDifferAndGrow(t *testing.T) {
	moment := time.UnixMilli(1_700_000_000_000)
	ids := resource.NewIDs(func() time.Time { return moment })
	var mutex sync.Mutex
	seen := map[string]bool{}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			own := make([]string, 1000)
			for index := range own {
				own[index], _ = ids.New("aex")
			}
			if !slices.IsSorted(own) {
				t.Error("ids of one goroutine are not in order")
			}
			mutex.Lock()
			defer mutex.Unlock()
			for _, id := range own {
				seen[id] = true
			}
		})
	}
	group.Wait()
	if len(seen) != 8000 {
		t.Errorf("%d of 8000 ids differ", len(seen))
	}
}

func TestIDsGrowWhenTheClockGoesBack(t *testing.T) {
	moment := time.UnixMilli(1_700_000_000_000)
	ids := resource.NewIDs(func() time.Time { return moment })
	before, err := ids.New("ses")
	if err != nil {
		t.Fatal(err)
	}
	moment = moment.Add(-time.Hour)
	after, err := ids.New("ses")
	if err != nil || after <= before {
		t.Errorf("%s (%v) came after %s", after, err, before)
	}
}
