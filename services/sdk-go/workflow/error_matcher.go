package workflow

import "slices"

// ErrorMatcher is a set of types of errors. A catch takes all errors; use a matcher's Types in the condition of a SWITCH
// inside it.
type ErrorMatcher struct {
	types []string
}

// Types lists the types.
func (m *ErrorMatcher) Types() []string { return m.types }

// Or takes the types of both.
func (m *ErrorMatcher) Or(other *ErrorMatcher) *ErrorMatcher {
	return &ErrorMatcher{types: slices.Concat(m.types, other.types)}
}

// CatchHTTPErrors matches failed HTTP_CALL tasks.
func CatchHTTPErrors() *ErrorMatcher { return CatchMultiple(ErrorTypeHTTPCall) }

// CatchGRPCErrors matches failed GRPC_CALL tasks.
func CatchGRPCErrors() *ErrorMatcher { return CatchMultiple(ErrorTypeGRPCCall) }

// CatchNetworkErrors matches failed HTTP_CALL and GRPC_CALL tasks.
func CatchNetworkErrors() *ErrorMatcher { return CatchMultiple(ErrorTypeHTTPCall, ErrorTypeGRPCCall) }

// CatchValidationErrors matches wrong input.
func CatchValidationErrors() *ErrorMatcher { return CatchMultiple(ErrorTypeValidation) }

// CatchConditionErrors matches wrong conditions.
func CatchConditionErrors() *ErrorMatcher { return CatchMultiple(ErrorTypeIfStatement) }

// CatchCommandErrors matches failed RUN tasks.
func CatchCommandErrors() *ErrorMatcher { return CatchMultiple(ErrorTypeCommand) }

// CatchAny matches everything.
func CatchAny() *ErrorMatcher { return CatchMultiple(ErrorTypeAny) }

// CatchCustom matches a type of a RAISE task.
func CatchCustom(errorType string) *ErrorMatcher { return CatchMultiple(errorType) }

// CatchMultiple matches several types.
func CatchMultiple(errorTypes ...string) *ErrorMatcher { return &ErrorMatcher{types: errorTypes} }
