package engine_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/message"
)

func TestASwitchGoesOnAtTheFirstCaseThatHolds(t *testing.T) {
	for when, want := range map[string]string{
		`${ .x == 5 }`:                   "yes",
		`${ .x } == 5`:                   "yes",
		`${ .x } > 5`:                    "other",
		`${ .name } | startswith(\"A\")`: "yes",
		`true`:                           "yes",
		`${ \"TRUE\" }`:                  "yes",
		`${ \"1\" }`:                     "yes",
		`${ \"no\" }`:                    "other",
		`${ .missing }`:                  "other",
		`${ .missing.deep == true }`:     "other",
	} {
		b := newBench(t)
		output := b.completed(list(set("s", `{"x":"${ 5 }","name":"Ada"}`),
			task("choose", "SWITCH", `{"cases":[{"name":"c","when":"`+when+`","then":"yes"},{"name":"default","then":"other"}]}`),
			set("other", `{"went":"other"}`, then("end")), set("yes", `{"went":"yes"}`)))
		if diff := cmp.Diff(map[string]any{"went": want}, output); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
}

func TestASwitchWithoutACaseThatHoldsGoesToTheNextTask(t *testing.T) {
	b := newBench(t)
	b.completed(list(task("choose", "SWITCH", `{"cases":[{"name":"c","when":"false","then":"last"}]}`),
		set("next", `{"x":"1"}`), set("last", `{"x":"2"}`)))
	if diff := cmp.Diff([]string{"choose COMPLETED", "next COMPLETED", "last COMPLETED"}, order(b.final())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAConditionThatIsNoneFails(t *testing.T) {
	got := newBench(t).failed(list(task("choose", "SWITCH", `{"cases":[{"name":"c","when":"${ {a: 1} }","then":"end"}]}`)))
	if got != `task "choose" failed: case "c": the condition gives {"a":1}, not true or false` {
		t.Errorf("error is %q", got)
	}
}

func TestAWaitTakesItsTimeAndKeepsTheOutput(t *testing.T) {
	b := newBench(t)
	start := b.Now()
	output := b.completed(list(set("s", `{"x":"1"}`), task("pause", "WAIT", `{"seconds":3600}`)))
	if took := b.Now().Sub(start); took < time.Hour {
		t.Errorf("an hour took %s", took)
	}
	if diff := cmp.Diff(map[string]any{"x": "1"}, output); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(b.reports) < 2 {
		t.Errorf("a run that waits must have told of it before: %d reports", len(b.reports))
	}
	if diff := cmp.Diff([]string{"s COMPLETED", "pause IN_PROGRESS"}, order(b.reports[0])); diff != "" {
		t.Errorf("first report (-want +got):\n%s", diff)
	}
}

func TestASignalEndsAListen(t *testing.T) {
	signal := func(b *bench, id string, payload any, after time.Duration) {
		b.RegisterDelayedCallback(func() { b.SignalWorkflow(id, payload) }, after)
	}
	t.Run("one", func(t *testing.T) {
		b := newBench(t)
		signal(b, "no", map[string]any{"by": "Bo"}, time.Minute)
		signal(b, "yes", map[string]any{"by": "Ada"}, time.Second)
		output := b.completed(list(task("hear", "LISTEN",
			`{"to":{"mode":"one","signals":[{"id":"no","type":"signal"},{"id":"yes","type":"signal"}]}}`, exported),
			set("say", `{"by":"${ $context.hear.by }"}`)))
		if diff := cmp.Diff(map[string]any{"by": "Ada"}, output); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if got := b.final().GetTasks()[0].GetMetadata().AsMap()["received"]; got != "yes" {
			t.Errorf("received is %v", got)
		}
	})
	t.Run("all", func(t *testing.T) {
		b := newBench(t)
		signal(b, "b", 2, time.Second)
		signal(b, "b", 3, 2*time.Second)
		signal(b, "a", 1, time.Minute)
		output := b.completed(list(task("hear", "LISTEN",
			`{"to":{"mode":"all","signals":[{"id":"a","type":"signal"},{"id":"b","type":"signal"}]}}`)))
		if diff := cmp.Diff(map[string]any{"a": 1.0, "b": 2.0}, output); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	t.Run("early, and once each", func(t *testing.T) {
		b := newBench(t)
		signal(b, "go", "first", time.Second)
		signal(b, "go", "second", 2*time.Second)
		hear := `{"to":{"mode":"one","signals":[{"id":"go","type":"signal"}]}}`
		output := b.completed(list(task("pause", "WAIT", `{"seconds":60}`), task("a", "LISTEN", hear), task("b", "LISTEN", hear),
			set("say", `{"a":"${ .a }","b":"${ .b }"}`)))
		if diff := cmp.Diff(map[string]any{"a": "first", "b": "second"}, output); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	t.Run("updates, early, and once each", func(t *testing.T) {
		b := newBench(t)
		for i, payload := range []string{"first", "second"} {
			b.RegisterDelayedCallback(func() {
				b.UpdateWorkflow("go", payload, &testsuite.TestUpdateCallback{
					OnReject:   func(err error) { t.Errorf("refused: %v", err) },
					OnAccept:   func() {},
					OnComplete: func(any, error) {},
				}, payload)
			}, time.Duration(i+1)*time.Second)
		}
		hear := `{"to":{"mode":"one","signals":[{"id":"go","type":"update"}]}}`
		output := b.completed(list(task("pause", "WAIT", `{"seconds":60}`), task("a", "LISTEN", hear), task("b", "LISTEN", hear),
			set("say", `{"a":"${ .a }","b":"${ .b }"}`)))
		if diff := cmp.Diff(map[string]any{"a": "first", "b": "second"}, output); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	t.Run("queries are not waited for", func(t *testing.T) {
		newBench(t).completed(list(task("hear", "LISTEN", `{"to":{"mode":"all","signals":[{"id":"look","type":"query"}]}}`)))
	})
}

func TestFailuresOfActivitiesAreExplained(t *testing.T) {
	get := task("get", "HTTP_CALL", `{"method":"GET","endpoint":{"uri":"http://x"}}`)
	for name, c := range map[string]struct {
		answer func(message.HTTPRequest) (any, error)
		want   string
	}{
		"final": {
			func(message.HTTPRequest) (any, error) {
				return nil, temporal.NewNonRetryableApplicationError("GET http://x answered 404 Not Found", message.HTTPError, nil)
			}, `task "get" failed: GET http://x answered 404 Not Found`,
		},
		"passing": {
			func(message.HTTPRequest) (any, error) {
				return nil, temporal.NewApplicationError("GET http://x answered 503 Service Unavailable", message.HTTPError)
			}, `task "get" failed: GET http://x answered 503 Service Unavailable`,
		},
		"panic": {
			func(message.HTTPRequest) (any, error) { panic("oh") }, `task "get" failed: the runner has a defect: oh`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := newBench(t).http(c.answer).failed(list(get)); !strings.HasPrefix(got, c.want) {
				t.Errorf("error is\n%s, want\n%s", got, c.want)
			}
		})
	}
}
