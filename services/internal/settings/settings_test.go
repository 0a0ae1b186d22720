package settings_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stigmer/stigmer-e2e/services/internal/settings"
)

func TestDefaultTimeoutsAreTheContracts(t *testing.T) {
	got, err := settings.From[settings.Timeouts](nil)
	if err != nil {
		t.Fatal(err)
	}
	want := settings.Timeouts{
		AgentRun:                10 * time.Minute,
		AgentScheduleToStart:    time.Minute,
		AgentHeartbeat:          30 * time.Second,
		EnsureThread:            30 * time.Second,
		WorkflowRun:             30 * time.Minute,
		WorkflowScheduleToStart: time.Minute,
		WorkflowHeartbeat:       30 * time.Second,
		Validation:              30 * time.Second,
		Task:                    5 * time.Minute,
		ExternalCompletion:      time.Minute,
		TemporalDial:            5 * time.Second,
		Drain:                   5 * time.Second,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
}

func TestAllMistakesAreReportedTogetherWithTheirCures(t *testing.T) {
	type inner struct {
		Size int `env:"SIZE"`
	}
	type outer struct {
		Quick   bool `env:"QUICK"`
		Inner   inner
		Limits  settings.Timeouts
		Another string `env:"ANOTHER"`
	}
	_, err := settings.From[outer]([]string{
		"STIGMER_TIMEOUT_DRAIN=soon", "STIGMER_TIMEOUT_VALIDATION=1 day", "QUICK=maybe", "SIZE=large", "ANOTHER=good",
	})
	if err == nil {
		t.Fatal("four bad values were accepted")
	}
	wanted := `read settings: QUICK="maybe": use true or false; SIZE="large": use a whole number; ` +
		`STIGMER_TIMEOUT_VALIDATION="1 day": use a duration such as 500ms, 90s or 10m; ` +
		`STIGMER_TIMEOUT_DRAIN="soon": use a duration such as 500ms, 90s or 10m`
	if diff := cmp.Diff(wanted, err.Error()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
