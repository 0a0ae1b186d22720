package stigmer

import (
	"context"
	"fmt"
	"runtime"
	"strings"
)

// Run calls the function that defines the program's agents and workflows. When it returns without an error, everything
// that it defined is checked, and, if the environment variable STIGMER_OUT_DIR names a directory, written there; the CLI
// sets it. The error names all problems of all resources. Nothing is written when there is an error.
//
//	func main() {
//		err := stigmer.Run(func(ctx *stigmer.Context) error {
//			_, err := agent.New(ctx, "greeter", &agent.AgentArgs{Instructions: "Greet the user in one sentence"})
//			return err
//		})
//		if err != nil {
//			log.Fatal(err)
//		}
//	}
func Run(fn func(*Context) error) error { return RunWithContext(context.Background(), fn) }

// RunWithContext is Run with a context.Context, for time limits, cancellation and values. Once it is cancelled nothing is
// written.
func RunWithContext(ctx context.Context, fn func(*Context) error) error {
	program := NewContextWithContext(ctx)
	if err := call(fn, program); err != nil {
		return err
	}
	if err := program.Err(); err != nil {
		return fmt.Errorf("the program was cancelled, nothing was written: %w", err)
	}
	return program.Synthesize()
}

// PanicError is the error of a program whose function panicked.
type PanicError struct {
	// Value is what was given to panic.
	Value any
	// Location is file and line of the innermost function that is not the SDK's.
	Location string
	// Stack is the functions that were running, the innermost first.
	Stack []string
}

// Error is the place, the value, and the functions that led there, in one line: whoever shows the last line of a program
// shows all of it.
func (e *PanicError) Error() string {
	place := ""
	if e.Location != "" {
		place = " at " + e.Location
	}
	return fmt.Sprintf("the program panicked%s: %v; nothing was written (in %s)",
		place, e.Value, strings.Join(e.Stack, ", called by "))
}

// Unwrap gives the value if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// call turns a panic into an error, so that the user reads one message and main decides on the exit status.
func call(fn func(*Context) error, program *Context) (err error) {
	if fn == nil {
		return fmt.Errorf("stigmer.Run needs a function: give it one that defines agents and workflows")
	}
	defer func() {
		if value := recover(); value != nil {
			err = newPanicError(value)
		}
	}()
	return fn(program)
}

// stackLimit bounds how many functions are looked at, those of the recovery included. A message with more helps nobody.
const stackLimit = 16

func newPanicError(value any) *PanicError {
	counters := make([]uintptr, stackLimit)
	frames := runtime.CallersFrames(counters[:runtime.Callers(1, counters)])
	result := &PanicError{Value: value}
	panicking := false
	for {
		frame, more := frames.Next()
		switch {
		case frame.Function == "runtime.gopanic":
			// What is above are the functions of recovery.
			panicking = true
		case !panicking || strings.HasPrefix(frame.Function, "runtime."):
		case frame.Function == modulePath+"stigmer.call":
			return result
		default:
			place := fmt.Sprintf("%s:%d", frame.File, frame.Line)
			if result.Location == "" && !strings.HasPrefix(frame.Function, modulePath) {
				result.Location = place
			}
			result.Stack = append(result.Stack, frame.Function+" "+place)
		}
		if !more {
			return result
		}
	}
}

// modulePath begins the names of the SDK's own functions.
const modulePath = "github.com/stigmer/stigmer/sdk/go/"
