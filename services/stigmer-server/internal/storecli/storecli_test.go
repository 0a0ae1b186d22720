package storecli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	agentexecutionv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/agentexecution/v1"
	environmentv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/environment/v1"
	executioncontextv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/executioncontext/v1"
	"github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/commons/apiresource"

	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/resource"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/store"
	"github.com/stigmer/stigmer-e2e/services/stigmer-server/internal/storecli"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// live is a store that stays open, as under a server.
func live(t *testing.T) (dir string, opened *store.Badger) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "data")
	opened, err := store.Open(store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = opened.Close() })
	return dir, opened
}

// fill puts one resource of two kinds into a store.
func fill(t *testing.T, opened *store.Badger) (environment, execution string) {
	t.Helper()
	ids := resource.NewIDs(time.Now)
	one := &environmentv1.Environment{
		Kind: "Environment", Metadata: &apiresource.ApiResourceMetadata{Name: "Production", Org: "acme"},
		Spec: &environmentv1.EnvironmentSpec{Data: map[string]*environmentv1.EnvironmentValue{
			"TOKEN": {Value: "hunter2", IsSecret: true}, "PLACE": {Value: "here"},
		}},
	}
	two := &agentexecutionv1.AgentExecution{
		Kind: "AgentExecution", Metadata: &apiresource.ApiResourceMetadata{Name: "one"},
		Spec: &agentexecutionv1.AgentExecutionSpec{RuntimeEnv: map[string]*executioncontextv1.ExecutionValue{
			"KEY": {Value: "hunter3", IsSecret: true},
		}},
	}
	err := opened.Update(t.Context(), func(writer store.Writer) error {
		return errors.Join(resource.Environments.Insert(writer, one, ids, time.Now()),
			resource.AgentExecutions.Insert(writer, two, ids, time.Now()),
			writer.Set(store.PendingCancelKey("aex-1"), []byte("cancel")))
	})
	if err != nil {
		t.Fatal(err)
	}
	return one.GetMetadata().GetId(), two.GetMetadata().GetId()
}

// run runs the program with a directory for temporary files of its own, in which nothing may be left.
func run(t *testing.T, arguments ...string) (code int, out, log string) {
	t.Helper()
	return runIn(t, t.Context(), arguments...)
}

func runIn(t *testing.T, ctx context.Context, arguments ...string) (code int, out, log string) {
	t.Helper()
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	var stdout, stderr bytes.Buffer
	code = storecli.Main(ctx, arguments, &stdout, &stderr)
	if left, err := os.ReadDir(temporary); len(left) != 0 || err != nil {
		t.Errorf("%v is left (%v)", left, err)
	}
	return code, stdout.String(), stderr.String()
}

func TestKeysOfALiveStoreAreListed(t *testing.T) {
	dir, opened := live(t)
	environment, execution := fill(t, opened)
	code, out, log := run(t, "keys", dir)
	var keys []string
	if err := json.Unmarshal([]byte(out), &keys); err != nil || code != 0 || log != "" {
		t.Fatalf("exit code %d: %s%s (%v)", code, out, log, err)
	}
	wanted := []string{
		"agent_execution/" + execution, "environment/" + environment, "environment:acme:production", "pending_cancel/aex-1",
	}
	if diff := cmp.Diff(wanted, keys); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	_, out, _ = run(t, "keys", "--prefix", "environment:", dir)
	if out != "[\n  \"environment:acme:production\"\n]\n" {
		t.Errorf("with a prefix: %s", out)
	}
	if _, out, _ = run(t, "keys", dir, "--prefix=none"); out != "[]\n" {
		t.Errorf("of none: %s", out)
	}
}

func TestValuesAreDecodedAndSecretsMasked(t *testing.T) {
	dir, opened := live(t)
	environment, execution := fill(t, opened)
	code, out, log := run(t, "get", dir, "environment/"+environment, "environment:acme:production", "pending_cancel/aex-1")
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, log)
	}
	var values map[string]any
	if err := json.Unmarshal([]byte(out), &values); err != nil {
		t.Fatal(err)
	}
	if values["environment:acme:production"] != environment || values["pending_cancel/aex-1"] != "cancel" {
		t.Errorf("indexes are %v", values)
	}
	decoded := values["environment/"+environment].(map[string]any)
	data := decoded["spec"].(map[string]any)["data"].(map[string]any)
	if data["TOKEN"].(map[string]any)["value"] != "***" || data["PLACE"].(map[string]any)["value"] != "here" {
		t.Errorf("data is %v", data)
	}
	if metadata := decoded["metadata"].(map[string]any); metadata["slug"] != "production" || metadata["id"] != environment {
		t.Errorf("metadata is %v", metadata)
	}
	code, out, _ = run(t, "get", dir, "--prefix", "")
	if code != 0 || strings.Contains(out, "hunter") || !strings.Contains(out, execution) {
		t.Errorf("exit code %d: all is %s", code, out)
	}
	_, out, _ = run(t, "get", "--show-secrets", dir, "--prefix", "")
	if !strings.Contains(out, "hunter2") || !strings.Contains(out, "hunter3") {
		t.Errorf("with secrets: %s", out)
	}
}

func TestAStoreWithoutServerIsReadAndNotTouched(t *testing.T) {
	dir, opened := live(t)
	fill(t, opened)
	if err := opened.Close(); err != nil {
		t.Fatal(err)
	}
	before := state(t, dir)
	if code, out, log := run(t, "keys", dir); code != 0 || !strings.Contains(out, "environment:acme:production") {
		t.Errorf("exit code %d: %s%s", code, out, log)
	}
	if diff := cmp.Diff(before, state(t, dir)); diff != "" {
		t.Errorf("the store changed:\n%s", diff)
	}
}

// state is what a directory looks like.
func state(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			t.Fatal(err)
		}
		files[entry.Name()] = info.ModTime().String() + " " + strconv.FormatInt(info.Size(), 10)
	}
	return files
}

// The copy is taken while much is written to the store: tables come and go, and values go to the value log. What
// was stored before the call must be there, and a transaction must be there as a whole.
func TestALiveStoreIsReadWhileItIsWrittenTo(t *testing.T) {
	dir, opened := live(t)
	ctx, stop := context.WithCancel(t.Context())
	var group sync.WaitGroup
	defer group.Wait()
	defer stop()
	var done [2]int
	var mutex sync.Mutex
	for writer := range done {
		group.Go(func() {
			// One writer stays below the threshold of the value log, one goes above it; each writes some MB a second.
			filling := strings.Repeat("x", []int{4 << 10, 600 << 10}[writer])
			for number := 1; ctx.Err() == nil; number++ {
				pause(ctx, []time.Duration{time.Millisecond, 100 * time.Millisecond}[writer])
				err := opened.Update(ctx, func(w store.Writer) error {
					pair := strconv.Itoa(writer) + ":" + strconv.Itoa(number%4)
					return errors.Join(w.Set("a:"+pair, []byte(strconv.Itoa(number)+" "+filling)),
						w.Set("b:"+pair, []byte(strconv.Itoa(number)+" "+filling)))
				})
				if err != nil && ctx.Err() == nil {
					t.Error(err)
					return
				}
				mutex.Lock()
				done[writer] = number
				mutex.Unlock()
			}
		})
	}
	for round := range 10 {
		mutex.Lock()
		before := done
		mutex.Unlock()
		code, out, log := run(t, "get", dir, "--prefix", "")
		if code != 0 {
			t.Fatalf("round %d: exit code %d: %s", round, code, log)
		}
		checkPairs(t, round, before, out)
	}
}

// pause limits how much a writer writes.
func pause(ctx context.Context, length time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(length):
	}
}

func checkPairs(t *testing.T, round int, before [2]int, out string) {
	t.Helper()
	var values map[string]string
	if err := json.Unmarshal([]byte(out), &values); err != nil {
		t.Fatal(err)
	}
	newest := [2]int{}
	for key, value := range values {
		kind, pair, _ := strings.Cut(key, ":")
		number, _, _ := strings.Cut(value, " ")
		other, _, _ := strings.Cut(values["b:"+pair], " ")
		if kind == "a" && number != other {
			t.Errorf("round %d: halves of %s are %s and %s", round, pair, number, other)
		}
		writer, _ := strconv.Atoi(pair[:1])
		count, _ := strconv.Atoi(number)
		newest[writer] = max(newest[writer], count)
	}
	for writer, count := range before {
		if newest[writer] < count {
			t.Errorf("round %d: the copy ends at %d of writer %d, which had stored %d", round, newest[writer], writer, count)
		}
	}
}

// The moment in which a wrong order shows is too short to be met by chance.
func TestFilesAreCopiedAfterThoseThatReferToThem(t *testing.T) {
	got := storecli.InOrder("000001.vlog", "000003.sst", "00002.mem", "MANIFEST")
	if diff := cmp.Diff([]string{"MANIFEST", "000003.sst", "00002.mem", "000001.vlog"}, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestTheCopyIsAsSmallAsTheData(t *testing.T) {
	dir, opened := live(t)
	fill(t, opened)
	copied := t.TempDir()
	if err := storecli.Snapshot(t.Context(), dir, copied); err != nil {
		t.Fatal(err)
	}
	apparent, real := sizes(t, copied)
	if apparent < 30<<20 || real > 2<<20 {
		t.Errorf("the copy takes %d KB of %d KB", real>>10, apparent>>10)
	}
}

func TestFilesAreCopiedWithAndWithoutKnowledgeOfHoles(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "sparse")
	source, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	const size = 3<<20 + 17
	for offset, text := range map[int64]string{0: "start", 1<<20 - 2: "across a block", size - 3: "end"} {
		if _, err := source.WriteAt([]byte(text), offset); err != nil {
			t.Fatal(err)
		}
	}
	wanted, err := os.ReadFile(path)
	if err != nil || len(wanted) != size {
		t.Fatalf("the file has %d bytes (%v)", len(wanted), err)
	}
	for name, copyData := range map[string]func(source, target *os.File, size int64) error{
		"holes": storecli.CopyData, "zeros": storecli.CopyNonZero,
	} {
		target, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		err = errors.Join(target.Truncate(size), copyData(source, target, size), target.Close())
		got, mistake := os.ReadFile(target.Name())
		if err != nil || mistake != nil || !bytes.Equal(wanted, got) {
			t.Errorf("%s: the copy differs (%v, %v)", name, err, mistake)
		}
	}
}

func TestMistakesHaveTheirExitCodes(t *testing.T) {
	dir, opened := live(t)
	fill(t, opened)
	for name, test := range map[string]struct {
		arguments []string
		code      int
		words     string
	}{
		"no command":         {nil, 2, "a command is missing, keys or get: see stigmer-store --help"},
		"unknown command":    {[]string{"list", dir}, 2, `unknown command "list", there are keys and get`},
		"unknown flag":       {[]string{"keys", dir, "--all"}, 2, "-all"},
		"no directory":       {[]string{"keys"}, 2, "directory of the store is missing"},
		"too much":           {[]string{"keys", dir, "agent/"}, 2, `unexpected argument "agent/"`},
		"no key":             {[]string{"get", dir}, 2, "a key or --prefix is missing"},
		"keys and a prefix":  {[]string{"get", dir, "a", "--prefix", "b"}, 2, "exclude each other"},
		"unknown keys":       {[]string{"get", dir, "agent/2", "agent/1", "environment:acme:production"}, 1, "not in the store: agent/1, agent/2"},
		"no such directory":  {[]string{"keys", dir + "/none"}, 1, "is not a store: name the directory that the server has in DB_PATH"},
		"another directory":  {[]string{"keys", t.TempDir()}, 1, "is not a store"},
		"a damaged manifest": {[]string{"keys", damaged(t)}, 1, "no copy of"},
	} {
		code, out, log := run(t, test.arguments...)
		if code != test.code || !strings.Contains(log, test.words) || out != "" {
			t.Errorf("%s: exit code %d: %s%s", name, code, out, log)
		}
	}
}

// damaged is a store whose list of tables is not readable.
func damaged(t *testing.T) string {
	t.Helper()
	dir, opened := live(t)
	fill(t, opened)
	if err := opened.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "MANIFEST"), []byte("nonsense, and enough of it"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAnInterruptedRunLeavesNothing(t *testing.T) {
	dir, opened := live(t)
	fill(t, opened)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	code, out, log := runIn(t, ctx, "keys", dir)
	if code != 130 || out != "" {
		t.Errorf("exit code %d: %s%s", code, out, log)
	}
}

func TestHelpAndVersionArePrinted(t *testing.T) {
	if code, out, _ := run(t, "--version"); code != 0 || !strings.HasPrefix(out, "stigmer-store 0.1.0 sources ") {
		t.Errorf("exit code %d: %s", code, out)
	}
	if code, out, _ := run(t, "--help"); code != 0 || !strings.Contains(out, "stigmer-store keys DIR") {
		t.Errorf("exit code %d: %s", code, out)
	}
}
