package settings_test

import (
	"strings"
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

func TestAllMistakesAreReportedTogether(t *testing.T) {
	_, err := settings.From[settings.Timeouts]([]string{
		"STIGMER_TIMEOUT_DRAIN=soon", "STIGMER_TIMEOUT_VALIDATION=1 day",
	})
	if err == nil {
		t.Fatal("two bad durations were accepted")
	}
	for _, name := range []string{"Drain", "Validation"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("error %q does not name %s", err, name)
		}
	}
}
