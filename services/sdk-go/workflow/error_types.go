package workflow

import (
	"cmp"
	"slices"
)

// Types of errors that a catch sees as ErrorRef.Type. A RAISE task may use others.
const (
	ErrorTypeHTTPCall    = "CallHTTP error"
	ErrorTypeGRPCCall    = "CallGRPC error"
	ErrorTypeValidation  = "Validation"
	ErrorTypeIfStatement = "If statement error"
	ErrorTypeCommand     = "command"
	// ErrorTypeAny stands for every type.
	ErrorTypeAny = "*"
)

// ErrorTypeInfo explains a type of errors.
type ErrorTypeInfo struct {
	// Code is the type itself.
	Code string
	// Category groups types.
	Category string
	// Source is what fails in this way.
	Source string
	// Retryable tells whether another try may help.
	Retryable bool
	// Description is for people.
	Description string
	// Examples are for people.
	Examples []string
}

// ErrorRegistry explains the platform's types of errors.
var ErrorRegistry = map[string]ErrorTypeInfo{
	ErrorTypeHTTPCall: {
		Code: ErrorTypeHTTPCall, Category: "Network", Source: "HTTP_CALL tasks",
		Description: "The request got no answer, or one with a status of 300 and more. Statuses from 500 were tried again.",
		Examples:    []string{"404 Not Found", "503 Service Unavailable", "connection refused", "timeout"},
	},
	ErrorTypeGRPCCall: {
		Code: ErrorTypeGRPCCall, Category: "Network", Source: "GRPC_CALL tasks",
		Description: "The call failed, or the service does not have the method.",
		Examples:    []string{"unavailable", "deadline exceeded", "unknown method"},
	},
	ErrorTypeValidation: {
		Code: ErrorTypeValidation, Category: "Data", Source: "input of a workflow",
		Description: "The input does not fit what the workflow asks for.",
		Examples:    []string{"a field is missing", "a number was given where a text is needed"},
	},
	ErrorTypeIfStatement: {
		Code: ErrorTypeIfStatement, Category: "Expression", Source: "conditions",
		Description: "A condition could not be evaluated, or is neither true nor false.",
		Examples:    []string{"syntax error", "unknown variable"},
	},
	ErrorTypeCommand: {
		Code: ErrorTypeCommand, Category: "Execution", Source: "RUN tasks", Retryable: true,
		Description: "What a RUN task started did not end well.",
		Examples:    []string{"the workflow failed"},
	},
	ErrorTypeAny: {
		Code: ErrorTypeAny, Category: "Wildcard", Source: "any task",
		Description: "Stands for every type of errors.",
		Examples:    []string{"whatever goes wrong"},
	},
}

// GetErrorTypeInfo explains a type, where it is one of the platform's.
func GetErrorTypeInfo(code string) (ErrorTypeInfo, bool) {
	info, ok := ErrorRegistry[code]
	return info, ok
}

// ListPlatformErrorTypes lists the platform's types in alphabetical order, without ErrorTypeAny.
func ListPlatformErrorTypes() []ErrorTypeInfo {
	var types []ErrorTypeInfo
	for code, info := range ErrorRegistry {
		if code != ErrorTypeAny {
			types = append(types, info)
		}
	}
	slices.SortFunc(types, func(a, b ErrorTypeInfo) int { return cmp.Compare(a.Code, b.Code) })
	return types
}

// IsPlatformErrorType tells whether a type is one of the platform's.
func IsPlatformErrorType(code string) bool {
	_, ok := ErrorRegistry[code]
	return ok
}
