package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
)

// writerDirectory, when set, makes the test binary a program that writes to a store until it is killed.
const writerDirectory = "STORE_TEST_WRITER_DIRECTORY"

// writeUntilKilled writes pairs that belong together, in one transaction each, and prints the number of each pair once
// its Update has returned. Sizes go over the threshold of the value log.
func writeUntilKilled(dir string) {
	opened, err := store.Open(store.Options{Dir: dir})
	if err != nil {
		fmt.Println("error", err)
		return
	}
	ctx := context.Background()
	start := 0
	err = opened.View(ctx, func(reader store.Reader) error {
		value, err := reader.Get("number")
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		start, _ = strconv.Atoi(string(value))
		return err
	})
	for number := start + 1; err == nil; number++ {
		text := strconv.Itoa(number)
		filling := strings.Repeat("x", rand.IntN(60<<10)+rand.IntN(2)*rand.IntN(600<<10))
		err = opened.Update(ctx, func(writer store.Writer) error {
			return errors.Join(
				writer.Set("agent/agt-"+text, []byte(text+" "+filling)), writer.Set("agent:"+text, []byte("agt-"+text)),
				writer.Set("number", []byte(text)),
			)
		})
		fmt.Println(number)
	}
	fmt.Println("error", err)
}

func TestKillingTheProcessLosesNothingAndTearsNothing(t *testing.T) {
	dir := t.TempDir()
	for round := range 25 {
		confirmed := killWriter(t, dir, time.Duration(rand.IntN(60))*time.Millisecond)
		verify(t, dir, round, confirmed)
	}
}

// killWriter runs a writer, kills it a moment after its first write, and answers the last number that it confirmed.
func killWriter(t *testing.T, dir string, moment time.Duration) int {
	t.Helper()
	writer := exec.Command(os.Args[0])
	writer.Env = append(os.Environ(), writerDirectory+"="+dir)
	output, err := writer.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := writer.Start(); err != nil {
		t.Fatal(err)
	}
	confirmed := 0
	for lines := bufio.NewScanner(output); lines.Scan(); {
		number, err := strconv.Atoi(lines.Text())
		if err != nil {
			t.Errorf("writer says %q", lines.Text())
			break
		}
		if confirmed == 0 {
			time.AfterFunc(moment, func() { _ = writer.Process.Kill() })
		}
		confirmed = number
	}
	_ = writer.Process.Kill()
	_ = writer.Wait()
	return confirmed
}

// verify opens what a killed writer left: all confirmed pairs are there, and of one more at most both halves or none.
func verify(t *testing.T, dir string, round, confirmed int) {
	t.Helper()
	opened := open(t, dir)
	defer opened.Close()
	text, err := get(t, opened, "number")
	number, _ := strconv.Atoi(text)
	if err != nil || number != confirmed && number != confirmed+1 {
		t.Fatalf("round %d: confirmed up to %d, stored up to %q (%v)", round, confirmed, text, err)
	}
	for count := 1; count <= number; count++ {
		id, err := get(t, opened, fmt.Sprintf("agent:%d", count))
		if err != nil {
			t.Fatalf("round %d: index of %d of %d: %v", round, count, number, err)
		}
		value, err := get(t, opened, "agent/"+id)
		if err != nil || !strings.HasPrefix(value, fmt.Sprintf("%d ", count)) {
			t.Fatalf("round %d: value of %d of %d: %.10q (%v)", round, count, number, value, err)
		}
	}
	if _, err := get(t, opened, fmt.Sprintf("agent:%d", number+1)); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("round %d: half of pair %d is there (%v)", round, number+1, err)
	}
}
