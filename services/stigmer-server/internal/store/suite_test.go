package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
)

// runStoreSuite checks what every Store does. Open answers a new, empty store each time; the test closes it.
func runStoreSuite(t *testing.T, open func(*testing.T) store.Store) {
	for name, check := range map[string]func(*testing.T, store.Store){
		"a value that was set is read":                        readsWhatWasSet,
		"a key without value is not found":                    findsNothing,
		"a failed update changes nothing":                     rollsBack,
		"an update sees its own changes":                      seesItsOwnChanges,
		"a view sees one state":                               viewSeesOneState,
		"a scan is in order and stays within its prefix":      scansInOrder,
		"a scan may end early":                                scanEndsEarly,
		"updates of the same value all count":                 countsConcurrentUpdates,
		"a new key is made by one of two updates":             onlyOneMakesAKey,
		"large values are kept":                               keepsLargeValues,
		"a cancelled context stops a call before it begins":   stopsWhenCancelled,
		"after the end of the store calls say that it closed": saysThatItClosed,
	} {
		t.Run(name, func(t *testing.T) {
			opened := open(t)
			check(t, opened)
			_ = opened.Close()
		})
	}
}

func set(t *testing.T, s store.Store, pairs ...string) {
	t.Helper()
	err := s.Update(t.Context(), func(writer store.Writer) error {
		for index := 0; index < len(pairs); index += 2 {
			if err := writer.Set(pairs[index], []byte(pairs[index+1])); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, s store.Store, key string) (string, error) {
	t.Helper()
	var value []byte
	err := s.View(t.Context(), func(reader store.Reader) (err error) {
		value, err = reader.Get(key)
		return err
	})
	return string(value), err
}

func scan(t *testing.T, s store.Store, prefix string, order store.Order) []string {
	t.Helper()
	var found []string
	err := s.View(t.Context(), func(reader store.Reader) error {
		for entry, err := range reader.Scan(prefix, order) {
			if err != nil {
				return err
			}
			value, err := entry.Value()
			if err != nil {
				return err
			}
			found = append(found, entry.Key+"="+string(value))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func readsWhatWasSet(t *testing.T, s store.Store) {
	set(t, s, "agent/agt-1", "one", "agent:a", "agt-1", "agent/empty", "")
	set(t, s, "agent/agt-1", "another")
	for key, wanted := range map[string]string{"agent/agt-1": "another", "agent:a": "agt-1", "agent/empty": ""} {
		if got, err := get(t, s, key); got != wanted || err != nil {
			t.Errorf("%s is %q (%v), not %q", key, got, err, wanted)
		}
	}
}

func findsNothing(t *testing.T, s store.Store) {
	set(t, s, "agent/agt-1", "one")
	if err := s.Update(t.Context(), func(w store.Writer) error { return w.Delete("agent/agt-1") }); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"agent/agt-1", "agent/agt", "agent/agt-11"} {
		if got, err := get(t, s, key); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s is %q (%v)", key, got, err)
		}
	}
}

func rollsBack(t *testing.T, s store.Store) {
	set(t, s, "a", "before", "b", "before")
	mistake := errors.New("mistake")
	err := s.Update(t.Context(), func(writer store.Writer) error {
		return errors.Join(writer.Set("a", []byte("after")), writer.Delete("b"), writer.Set("c", []byte("after")), mistake)
	})
	if !errors.Is(err, mistake) {
		t.Errorf("update answered %v", err)
	}
	if diff := cmp.Diff([]string{"a=before", "b=before"}, scan(t, s, "", store.OldestFirst)); diff != "" {
		t.Errorf("store (-want +got):\n%s", diff)
	}
}

func seesItsOwnChanges(t *testing.T, s store.Store) {
	set(t, s, "k/1", "old", "k/2", "old")
	err := s.Update(t.Context(), func(writer store.Writer) error {
		err := errors.Join(writer.Set("k/1", []byte("new")), writer.Delete("k/2"), writer.Set("k/3", []byte("new")))
		var keys []string
		for entry, mistake := range writer.Scan("k/", store.OldestFirst) {
			err = errors.Join(err, mistake)
			keys = append(keys, entry.Key)
		}
		if diff := cmp.Diff([]string{"k/1", "k/3"}, keys); diff != "" {
			t.Errorf("keys (-want +got):\n%s", diff)
		}
		if value, _ := writer.Get("k/1"); string(value) != "new" {
			t.Errorf("k/1 is %q", value)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func viewSeesOneState(t *testing.T, s store.Store) {
	set(t, s, "a", "1", "b", "1")
	err := s.View(t.Context(), func(reader store.Reader) error {
		first, err := reader.Get("a")
		set(t, s, "a", "2", "b", "2")
		second, mistake := reader.Get("b")
		if string(first) != "1" || string(second) != "1" {
			t.Errorf("view saw a=%s and b=%s", first, second)
		}
		return errors.Join(err, mistake)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func scansInOrder(t *testing.T, s store.Store) {
	set(t, s, "k/2", "b", "k/1", "a", "k/3", "c", "k0", "x", "k", "x", "k:1", "x", "l/1", "x")
	if diff := cmp.Diff([]string{"k/1=a", "k/2=b", "k/3=c"}, scan(t, s, "k/", store.OldestFirst)); diff != "" {
		t.Errorf("oldest first (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"k/3=c", "k/2=b", "k/1=a"}, scan(t, s, "k/", store.NewestFirst)); diff != "" {
		t.Errorf("newest first (-want +got):\n%s", diff)
	}
	if found := scan(t, s, "m/", store.NewestFirst); found != nil {
		t.Errorf("nothing has the prefix, and the scan found %v", found)
	}
}

func scanEndsEarly(t *testing.T, s store.Store) {
	set(t, s, "k/1", "a", "k/2", "b", "k/3", "c")
	err := s.View(t.Context(), func(reader store.Reader) error {
		for range 3 {
			for entry := range reader.Scan("k/", store.NewestFirst) {
				if entry.Key != "k/3" {
					t.Errorf("scan began at %s", entry.Key)
				}
				break
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func countsConcurrentUpdates(t *testing.T, s store.Store) {
	// So many meet each other at nearly every attempt.
	const workers, rounds = 50, 8
	set(t, s, "counter", "")
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for range rounds {
				addOne(t, s)
			}
		})
	}
	group.Wait()
	if value, err := get(t, s, "counter"); len(value) != workers*rounds || err != nil {
		t.Errorf("counter is %d (%v), not %d", len(value), err, workers*rounds)
	}
}

// addOne makes the counter one longer.
func addOne(t *testing.T, s store.Store) {
	err := s.Update(t.Context(), func(writer store.Writer) error {
		value, err := writer.Get("counter")
		return errors.Join(err, writer.Set("counter", append(value, 'x')))
	})
	if err != nil {
		t.Error(err)
	}
}

func onlyOneMakesAKey(t *testing.T, s store.Store) {
	taken := errors.New("taken")
	for round := range 20 {
		key := fmt.Sprintf("slug:%d", round)
		var group sync.WaitGroup
		made := make(chan bool, 8)
		for range cap(made) {
			group.Go(func() {
				err := s.Update(t.Context(), func(writer store.Writer) error {
					if _, err := writer.Get(key); !errors.Is(err, store.ErrNotFound) {
						return errors.Join(taken, err)
					}
					return writer.Set(key, nil)
				})
				made <- err == nil
			})
		}
		group.Wait()
		close(made)
		winners := 0
		for won := range made {
			if won {
				winners++
			}
		}
		if winners != 1 {
			t.Fatalf("%d updates made %s", winners, key)
		}
	}
}

func keepsLargeValues(t *testing.T, s store.Store) {
	// The largest message that the server takes has 10 MB; two values of a transaction may be just below the threshold.
	for _, size := range []int{1 << 10, 512<<10 - 1, 512 << 10, 1 << 20, 10 << 20} {
		value := strings.Repeat("v", size)
		set(t, s, "1", value, "2", value, "3", "small", "4", "small", "5", "small", "6", "small")
		if got, err := get(t, s, "2"); got != value || err != nil {
			t.Errorf("a value of %d bytes came back with %d (%v)", size, len(got), err)
		}
	}
}

func stopsWhenCancelled(t *testing.T, s store.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	called := false
	view := s.View(ctx, func(store.Reader) error { called = true; return nil })
	update := s.Update(ctx, func(store.Writer) error { called = true; return nil })
	if !errors.Is(view, context.Canceled) || !errors.Is(update, context.Canceled) || called {
		t.Errorf("view answered %v, update %v, called %v", view, update, called)
	}
}

func saysThatItClosed(t *testing.T, s store.Store) {
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	view := s.View(t.Context(), func(reader store.Reader) error { _, err := reader.Get("a"); return err })
	update := s.Update(t.Context(), func(writer store.Writer) error { return writer.Set("a", nil) })
	if !errors.Is(view, store.ErrClosed) || !errors.Is(update, store.ErrClosed) {
		t.Errorf("view answered %v, update %v", view, update)
	}
	if err := s.Close(); err != nil {
		t.Errorf("closing again answered %v", err)
	}
}
