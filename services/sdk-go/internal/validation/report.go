package validation

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Report collects what is wrong with one resource, so that a user sees all of it at once.
type Report struct {
	resourceType string
	resourceName string
	problems     []error
}

// NewReport starts the report of one resource.
func NewReport(resourceType, resourceName string) *Report {
	return &Report{resourceType: resourceType, resourceName: resourceName}
}

// Add notes a problem of a field.
func (r *Report) Add(field, value, rule, message string, cause error) {
	r.AddError(NewValidationErrorWithCause(field, value, rule, message, cause))
}

// AddError notes a problem that was found elsewhere; nil is not a validation.
func (r *Report) AddError(err error) {
	if err == nil {
		return
	}
	r.problems = append(r.problems, NewResourceErrorWithCause(r.resourceType, r.resourceName, "", err.Error(), err))
}

// Required notes an empty value. The cure says what to give.
func (r *Report) Required(field, value, cure string, cause error) {
	if value == "" {
		r.Add(field, value, "required", "is required: "+cure, cause)
	}
}

// MinLength notes a value with fewer than minimum characters.
func (r *Report) MinLength(field, value string, minimum int, cure string, cause error) {
	length := utf8.RuneCountInString(value)
	if length >= minimum {
		return
	}
	message := fmt.Sprintf("needs at least %d characters, has %d (%q): %s", minimum, length, value, cure)
	r.Add(field, value, "min_length", message, cause)
}

// Range notes a number outside its limits.
func (r *Report) Range(field string, value, minimum, maximum float64, cure string) {
	if value >= minimum && value <= maximum {
		return
	}
	message := fmt.Sprintf("must be from %g to %g, is %g: %s", minimum, maximum, value, cure)
	r.Add(field, fmt.Sprint(value), "range", message, ErrOutOfRange)
}

// OneOf notes a value that is none of the allowed ones.
func (r *Report) OneOf(field, value string, cause error, allowed ...string) {
	for _, candidate := range allowed {
		if value == candidate {
			return
		}
	}
	message := fmt.Sprintf("must be one of %s, is %q", strings.Join(allowed, ", "), value)
	r.Add(field, value, "in", message, cause)
}

// Unique notes every value that was seen before.
func (r *Report) Unique(field, value string, seen map[string]bool, cause error) {
	if seen[value] {
		r.Add(field, value, "unique", fmt.Sprintf("%q is used twice: give each its own name", value), cause)
	}
	seen[value] = true
}

// Err is nil for a clean report, else a Problems with every validation.
func (r *Report) Err() error { return Join(r.problems...) }

// Problems is a list of errors, each named in one line.
type Problems struct {
	list []error
}

// Join puts errors together in order; lists of problems are flattened. It is nil when nothing is wrong.
func Join(errs ...error) error {
	var all []error
	for _, err := range errs {
		var problems *Problems
		switch {
		case err == nil:
		case errors.As(err, &problems):
			all = append(all, problems.list...)
		default:
			all = append(all, err)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return &Problems{list: all}
}

// Error is one line for a single problem, else the number and one line each.
func (p *Problems) Error() string {
	if len(p.list) == 1 {
		return p.list[0].Error()
	}
	lines := []string{fmt.Sprintf("%d problems:", len(p.list))}
	for _, err := range p.list {
		lines = append(lines, "  "+err.Error())
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives every problem to errors.Is and errors.As.
func (p *Problems) Unwrap() []error { return p.list }
