package endtoend_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/app"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/testkit"
)

// echo answers with what it was asked.
func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{
		"method": r.Method, "path": r.URL.RequestURI(), "body": string(body), "type": r.Header.Get("Content-Type"),
		"auth": r.Header.Get("Authorization"), "id": json.Number("9007199254740993"),
	})
}

func TestAnHTTPCallSendsWhatTheExpressionsGive(t *testing.T) {
	t.Parallel()
	web := httptest.NewServer(http.HandlerFunc(echo))
	defer web.Close()
	stack := testkit.NewStack(t)
	workflow := stack.MustApply("w", list(set("s", `{"n":"${ 7 }","word":"a b"}`),
		task("post", "HTTP_CALL", `{"method":"POST","endpoint":{"uri":"`+web.URL+`/items/${ .n }?q=${ .word | @uri }"},
			"headers":{"Authorization":"Bearer ${ .word }"},"body":{"n":"${ .n }","list":["${ .word }",true],"text":"n=${ .n }"}}`, exported),
		set("out", `{"path":"${ $context.post.path }","body":"${ .post.body }","type":"${ .post.type }","auth":"${ .post.auth }","next":"${ .post.id + 1 | tostring }"}`)))
	id := stack.Start(workflow.GetMetadata().GetId(), nil)
	final := stack.Ended(id)
	want := map[string]any{
		"path": "/items/7?q=a%20b", "body": `{"list":["a b",true],"n":7,"text":"n=7"}`, "type": "application/json",
		"auth": "Bearer a b", "next": "9007199254740994",
	}
	if diff := cmp.Diff(want, final.GetOutput().AsMap()); diff != "" {
		t.Errorf("(-want +got):\n%s\n%s", diff, final.GetError())
	}
	if got := final.GetTasks()[1].GetMetadata().AsMap()["http_status"]; got != 200.0 {
		t.Errorf("status in the metadata is %v", got)
	}
	if got := final.GetTasks()[1].GetInput().AsMap()["uri"]; got != web.URL+"/items/7?q=a%20b" {
		t.Errorf("the input shows %v", got)
	}
	stack.Record("http_call", id)
}

func TestAFormIsSentWhenTheHeadersSaySo(t *testing.T) {
	t.Parallel()
	web := httptest.NewServer(http.HandlerFunc(echo))
	defer web.Close()
	output := testkit.NewStack(t).Completed(list(task("post", "HTTP_CALL", `{"method":"POST","endpoint":{"uri":"`+web.URL+`"},
		"headers":{"Content-Type":"application/x-www-form-urlencoded"},"body":{"amount":2000,"source":"a&b"}}`)))
	if output["body"] != "amount=2000&source=a%26b" {
		t.Errorf("body is %v", output["body"])
	}
}

func TestAResponseThatIsNoObjectStandsUnderResult(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]any{`[1,"a"]`: []any{1.0, "a"}, `plain text`: "plain text", `"text"`: "text", `5`: 5.0} {
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }))
		output := testkit.NewStack(t).Completed(list(task("get", "HTTP_CALL", `{"method":"GET","endpoint":{"uri":"`+web.URL+`"}}`)))
		if diff := cmp.Diff(map[string]any{"result": want}, output); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		web.Close()
	}
}

func TestHTTPFailuresAreRetriedOnlyWhereThatMayHelp(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t)
	for _, c := range []struct {
		code     int
		attempts int32
		want     string
	}{
		{302, 1, "answered 302 Found to http://127.0.0.1:1/; redirects are not followed"},
		{404, 1, `answered 404 Not Found: {"reason":"gone"}`},
		{503, 3, `answered 503 Service Unavailable: {"reason":"gone"} (the last of all attempts)`},
	} {
		var attempts atomic.Int32
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			attempts.Add(1)
			w.Header().Set("Location", "http://127.0.0.1:1/")
			w.WriteHeader(c.code)
			_, _ = io.WriteString(w, `{"reason":"gone"}`)
		}))
		got := stack.Failed(list(task("get", "HTTP_CALL", `{"method":"GET","endpoint":{"uri":"`+web.URL+`/x"}}`)))
		if want := `task "get" failed: GET ` + web.URL + "/x " + c.want; got != want {
			t.Errorf("error is\n%s, want\n%s", got, want)
		}
		if n := attempts.Load(); n != c.attempts {
			t.Errorf("%d: %d attempts, want %d", c.code, n, c.attempts)
		}
		web.Close()
	}
}

func TestAnHTTPCallSucceedsAtALaterAttempt(t *testing.T) {
	t.Parallel()
	var attempts atomic.Int32
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if attempts.Add(1) < 3 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		echo(w, r)
	}))
	defer web.Close()
	output := testkit.NewStack(t).Completed(list(task("get", "HTTP_CALL", `{"method":"GET","endpoint":{"uri":"`+web.URL+`"}}`)))
	if output["method"] != "GET" || attempts.Load() != 3 {
		t.Errorf("%d attempts, output %v", attempts.Load(), output)
	}
}

func TestBadHTTPCallsAreExplained(t *testing.T) {
	t.Parallel()
	stack := testkit.NewStack(t, func(s *app.Settings) { s.RetryAttempts = 1 })
	large := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("x", 1<<20+1))
	}))
	defer large.Close()
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer silent.Close()
	for config, want := range map[string]string{
		`{"method":"GET","endpoint":{"uri":"${ .x }"}}`:                                                                          `"null" is no address`,
		`{"method":"GET","endpoint":{"uri":"ftp://h/x"}}`:                                                                        `"ftp://h/x" is no address; write http://HOST/… or https://HOST/…`,
		`{"method":"GET","endpoint":{"uri":"` + closed(t) + `"}}`:                                                                "connection refused",
		`{"method":"GET","endpoint":{"uri":"` + large.URL + `"}}`:                                                                "answered with more than 1048576 bytes, which is the limit",
		`{"method":"GET","endpoint":{"uri":"` + silent.URL + `"},"timeout_seconds":1}`:                                           "did not answer within 1s",
		`{"method":"GET","endpoint":{"uri":"` + silent.URL + `"},"headers":{"X":"${ \"a\\r\\nb\" }"}}`:                           `the header "X" has characters that no header may have`,
		`{"method":"POST","endpoint":{"uri":"` + silent.URL + `"},"body":{"x":"${ \"x\" * 600000 }","y":"${ \"x\" * 600000 }"}}`: "the settings have more than 1048576 bytes",
	} {
		if got := stack.Failed(list(task("call", "HTTP_CALL", config))); !strings.Contains(got, want) {
			t.Errorf("%s:\n%s does not say %q", config, got, want)
		}
	}
}

// closed is an address that nobody listens on.
func closed(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return "http://127.0.0.1:" + strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
}

func TestACancelledHTTPCallIsAborted(t *testing.T) {
	t.Parallel()
	began, aborted := make(chan struct{}), make(chan struct{})
	web := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(began)
		<-r.Context().Done()
		close(aborted)
	}))
	defer web.Close()
	stack := testkit.NewStack(t)
	workflow := stack.MustApply("w", list(task("race", "FORK", `{"compete":true,"branches":[
		{"name":"slow","do":[`+task("get", "HTTP_CALL", `{"method":"GET","endpoint":{"uri":"`+web.URL+`"},"timeout_seconds":300}`)+`]},
		{"name":"quick","do":[`+task("hear", "LISTEN", `{"to":{"mode":"one","signals":[{"id":"go","type":"signal"}]}}`)+`]}]}`)))
	id := stack.Start(workflow.GetMetadata().GetId(), nil)
	receive(t, began, "the call")
	stack.Signal(id, "go", "now")
	final := stack.Ended(id)
	if diff := cmp.Diff([]string{"race COMPLETED", "race/slow/get SKIPPED", "race/quick/hear COMPLETED"}, order(final)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	receive(t, aborted, "the end of the call")
}

func receive(t *testing.T, from <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-from:
	case <-time.After(testkit.WaitLimit):
		t.Fatalf("%s did not come", what)
	}
}

// hanging is an address that takes requests and never answers.
func hanging(t *testing.T, began chan<- struct{}) string {
	t.Helper()
	done := make(chan struct{})
	web := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(began)
		select {
		case <-r.Context().Done():
		case <-done:
		}
	}))
	t.Cleanup(web.Close)
	t.Cleanup(func() { close(done) })
	return web.URL
}
