package expression

import (
	"context"
	"errors"
	"time"
)

const (
	// StepLimit bounds the instructions of one evaluation. It is a count, since a time limit would make a workflow's
	// replay depend on the machine. 500,000 take some 30 ms, far under the second after which Temporal takes workflow
	// code for stuck.
	StepLimit = 500_000
	// OutputLimit bounds a result in bytes of JSON: half of what Temporal takes in a payload (2 MiB).
	OutputLimit = 1 << 20
)

var errTooManySteps = errors.New("more than 500,000 steps; does it end?")

// stepCounter is a context that ends after a number of looks at it. gojq looks once per instruction.
type stepCounter struct {
	left int
	over chan struct{}
}

func newStepCounter() *stepCounter { return &stepCounter{left: StepLimit} }

// Done implements context.Context.
func (s *stepCounter) Done() <-chan struct{} {
	if s.left--; s.left < 0 && s.over == nil {
		s.over = make(chan struct{})
		close(s.over)
	}
	return s.over
}

// Err implements context.Context.
func (s *stepCounter) Err() error {
	if s.over == nil {
		return nil
	}
	return errTooManySteps
}

// Deadline implements context.Context.
func (*stepCounter) Deadline() (time.Time, bool) { return time.Time{}, false }

// Value implements context.Context.
func (*stepCounter) Value(any) any { return nil }

var _ context.Context = (*stepCounter)(nil)
