package definition_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/definition"
)

const everyKind = `[
	{"name":"set","kind":"WORKFLOW_TASK_KIND_SET","task_config":{"variables":{"x":"${ .y }"}},"export":{"as":"${.}"},"flow":{"then":"get"}},
	{"name":"get","kind":"WORKFLOW_TASK_KIND_HTTP_CALL","task_config":{"method":"GET","endpoint":{"uri":"http://x"},"headers":{"A":"b"}}},
	{"name":"rpc","kind":"WORKFLOW_TASK_KIND_GRPC_CALL","task_config":{"service":"h:1/p.S","method":"M","request":{"id":1}}},
	{"name":"act","kind":"WORKFLOW_TASK_KIND_CALL_ACTIVITY","task_config":{"activity":"A","input":{"id":1}}},
	{"name":"choose","kind":"WORKFLOW_TASK_KIND_SWITCH","task_config":{"cases":[{"name":"c","when":"${ .x }","then":"loop"},{"name":"d","then":"end"}]}},
	{"name":"loop","kind":"WORKFLOW_TASK_KIND_FOR","task_config":{"each":"i","in":"${ [1] }","do":[{"name":"in","kind":"SET","taskConfig":{"variables":{"v":"${ $i }","n":"${ .index }"}}}]}},
	{"name":"both","kind":"WORKFLOW_TASK_KIND_FORK","task_config":{"compete":true,"branches":[
		{"name":"l","do":[{"name":"w1","kind":"WAIT","task_config":{"seconds":1}}]},
		{"name":"r","do":[{"name":"w2","kind":"WORKFLOW_TASK_KIND_WAIT","task_config":{"seconds":2}}]}]}},
	{"name":"attempt","kind":"WORKFLOW_TASK_KIND_TRY","task_config":{"try":[{"name":"w","kind":"WAIT","task_config":{"seconds":1}}],
		"catch":{"as":"problem","do":[{"name":"s","kind":"SET","task_config":{"variables":{"m":"${ .problem.message }"}}}]}}},
	{"name":"hear","kind":"WORKFLOW_TASK_KIND_LISTEN","task_config":{"to":{"mode":"all","signals":[{"id":"go","type":"signal"}]}}},
	{"name":"pause","kind":"WORKFLOW_TASK_KIND_WAIT","task_config":{"seconds":3}},
	{"name":"fail","kind":"WORKFLOW_TASK_KIND_RAISE","task_config":{"error":"Broken","message":"m"}},
	{"name":"sub","kind":"WORKFLOW_TASK_KIND_RUN","task_config":{"workflow":"other","input":{"a":1}}},
	{"name":"ask","kind":"WORKFLOW_TASK_KIND_AGENT_CALL","task_config":{"agent":"helper","scope":"organization","message":"hi","env":{"K":"${.secrets.K}"},"config":{"model":"m","timeout":30,"temperature":0.5}}}
]`

func TestEveryKindIsValidAndHasAYAMLForm(t *testing.T) {
	parsed, problems := check(t, spec(t, everyKind))
	if len(problems) > 0 {
		t.Fatalf("problems: %v", problems)
	}
	got, err := definition.YAML(parsed)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(everyKindYAML, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

const everyKindYAML = `document:
  dsl: 1.0.0
  namespace: "n"
  name: w
  version: 1.0.0
do:
  - set:
      set:
        x: ${ .y }
      export:
        as: ${.}
      then: get
  - get:
      call: http
      with:
        endpoint:
          uri: http://x
        headers:
          A: b
        method: GET
  - rpc:
      call: grpc
      with:
        method: M
        request:
          id: 1
        service: h:1/p.S
  - act:
      call: activity
      with:
        activity: A
        input:
          id: 1
  - choose:
      switch:
        - c:
            when: ${ .x }
            then: loop
        - d:
            then: end
  - loop:
      for:
        each: i
        in: ${ [1] }
      do:
        - in:
            set:
              "n": ${ .index }
              v: ${ $i }
  - both:
      fork:
        compete: true
        branches:
          - l:
              do:
                - w1:
                    wait:
                      seconds: 1
          - r:
              do:
                - w2:
                    wait:
                      seconds: 2
  - attempt:
      try:
        - w:
            wait:
              seconds: 1
      catch:
        as: problem
        do:
          - s:
              set:
                m: ${ .problem.message }
  - hear:
      listen:
        to:
          all:
            - with:
                id: go
                type: signal
  - pause:
      wait:
        seconds: 3
  - fail:
      raise:
        error:
          type: Broken
          detail: m
  - sub:
      run:
        workflow:
          name: other
          input:
            a: 1
  - ask:
      call: agent
      with:
        agent: helper
        config:
          model: m
          temperature: 0.5
          timeout: 30
        env:
          K: ${.secrets.K}
        message: hi
        scope: organization
`
