package workflow

import (
	"github.com/stigmer/stigmer/sdk/go/gen/types"
	genworkflow "github.com/stigmer/stigmer/sdk/go/gen/workflow"
)

// httpTimeoutSeconds is the platform's bound of a request that gives none; the short forms below write it down.
const httpTimeoutSeconds = 30

// HttpCallTaskConfig is the settings of an HTTP_CALL task.
type HttpCallTaskConfig = genworkflow.HttpCallTaskConfig

// HttpCallArgs is the settings of an HTTP_CALL task.
type HttpCallArgs = HttpCallTaskConfig

// HttpCall makes a task that makes an HTTP request. HttpGet and so on are shorter.
func HttpCall(name string, args *HttpCallArgs) *Task {
	if args == nil {
		args = &HttpCallArgs{}
	}
	if args.Headers == nil {
		args.Headers = map[string]string{}
	}
	if args.Body == nil {
		args.Body = map[string]interface{}{}
	}
	return &Task{Name: name, Kind: TaskKindHttpCall, Config: args}
}

func httpCall(name, method string, uri any, headers map[string]string, body map[string]any) *Task {
	return HttpCall(name, &HttpCallArgs{
		Method:         method,
		Endpoint:       &types.HttpEndpoint{Uri: CoerceToString(uri)},
		Headers:        headers,
		Body:           body,
		TimeoutSeconds: httpTimeoutSeconds,
	})
}

// HttpGet makes a task that reads an address: a string, a context variable or a field of a task.
func HttpGet(name string, uri interface{}, headers map[string]string) *Task {
	return httpCall(name, "GET", uri, headers, nil)
}

// HttpPost makes a task that posts a body as JSON.
func HttpPost(name string, uri interface{}, headers map[string]string, body map[string]interface{}) *Task {
	return httpCall(name, "POST", uri, headers, body)
}

// HttpPut makes a task that puts a body as JSON.
func HttpPut(name string, uri interface{}, headers map[string]string, body map[string]interface{}) *Task {
	return httpCall(name, "PUT", uri, headers, body)
}

// HttpPatch makes a task that sends changes as JSON.
func HttpPatch(name string, uri interface{}, headers map[string]string, body map[string]interface{}) *Task {
	return httpCall(name, "PATCH", uri, headers, body)
}

// HttpDelete makes a task that deletes what is at an address.
func HttpDelete(name string, uri interface{}, headers map[string]string) *Task {
	return httpCall(name, "DELETE", uri, headers, nil)
}

// HttpGet adds a task that reads an address.
func (w *Workflow) HttpGet(name string, uri interface{}, headers map[string]string) *Task {
	return w.add(HttpGet(name, uri, headers))
}

// HttpPost adds a task that posts a body as JSON.
func (w *Workflow) HttpPost(
	name string, uri interface{}, headers map[string]string, body map[string]interface{},
) *Task {
	return w.add(HttpPost(name, uri, headers, body))
}

// HttpPut adds a task that puts a body as JSON.
func (w *Workflow) HttpPut(name string, uri string, headers map[string]string, body map[string]interface{}) *Task {
	return w.add(HttpPut(name, uri, headers, body))
}

// HttpPatch adds a task that sends changes as JSON.
func (w *Workflow) HttpPatch(
	name string, uri interface{}, headers map[string]string, body map[string]interface{},
) *Task {
	return w.add(HttpPatch(name, uri, headers, body))
}

// HttpDelete adds a task that deletes what is at an address.
func (w *Workflow) HttpDelete(name string, uri interface{}, headers map[string]string) *Task {
	return w.add(HttpDelete(name, uri, headers))
}
