package definition

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	tasksv1 "github.com/stigmer/stigmer/apis/stubs/go/ai/stigmer/agentic/workflow/v1/tasks"
)

// YAML writes a definition in the Serverless Workflow language, for people.
func YAML(definition *Definition) (string, error) {
	head := mapping(
		"dsl", definition.Document.GetDsl(),
		"namespace", definition.Document.GetNamespace(),
		"name", definition.Document.GetName(),
		"version", definition.Document.GetVersion(),
	)
	if description := definition.Document.GetDescription(); description != "" {
		extend(head, "description", description)
	}
	root := mapping("document", head, "do", taskList(definition.Tasks))
	var text strings.Builder
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(root); err != nil {
		return "", fmt.Errorf("write the definition as YAML: %w", err)
	}
	return text.String(), encoder.Close()
}

func taskList(tasks []*Task) *yaml.Node {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for _, task := range tasks {
		list.Content = append(list.Content, mapping(task.Name, taskNode(task)))
	}
	return list
}

func taskNode(task *Task) *yaml.Node {
	node := body(task)
	if task.Export != "" {
		extend(node, "export", mapping("as", task.Export))
	}
	if task.Then != "" {
		extend(node, "then", task.Then)
	}
	return node
}

// body is what a task does; the word for it comes first.
func body(task *Task) *yaml.Node {
	switch config := task.Config.(type) {
	case *tasksv1.SetTaskConfig:
		return mapping("set", config.GetVariables())
	case *tasksv1.HttpCallTaskConfig:
		return mapping("call", "http", "with", task.Raw)
	case *tasksv1.GrpcCallTaskConfig:
		return mapping("call", "grpc", "with", task.Raw)
	case *tasksv1.AgentCallTaskConfig:
		return mapping("call", "agent", "with", task.Raw)
	case *tasksv1.CallActivityTaskConfig:
		return mapping("call", "activity", "with", task.Raw)
	case *tasksv1.SwitchTaskConfig:
		return mapping("switch", cases(config))
	case *tasksv1.ForTaskConfig:
		return mapping("for", mapping("each", config.GetEach(), "in", config.GetIn()), "do", blockNode(task, 0))
	case *tasksv1.ForkTaskConfig:
		return mapping("fork", mapping("compete", config.GetCompete(), "branches", branchNodes(task)))
	case *tasksv1.TryTaskConfig:
		node := mapping("try", blockNode(task, 0))
		if catch := config.GetCatch(); catch != nil {
			extend(node, "catch", mapping("as", ErrorVariable(catch), "do", blockNode(task, 1)))
		}
		return node
	case *tasksv1.ListenTaskConfig:
		return mapping("listen", mapping("to", mapping(listenWord(config), signals(config))))
	case *tasksv1.WaitTaskConfig:
		return mapping("wait", mapping("seconds", config.GetSeconds()))
	case *tasksv1.RaiseTaskConfig:
		return mapping("raise", mapping("error", mapping("type", config.GetError(), "detail", config.GetMessage())))
	case *tasksv1.RunTaskConfig:
		run := mapping("name", config.GetWorkflow())
		if config.GetInput() != nil {
			extend(run, "input", config.GetInput().AsMap())
		}
		return mapping("run", mapping("workflow", run))
	default:
		return mapping()
	}
}

func cases(config *tasksv1.SwitchTaskConfig) *yaml.Node {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for _, way := range config.GetCases() {
		inner := mapping()
		if way.GetWhen() != "" {
			extend(inner, "when", way.GetWhen())
		}
		extend(inner, "then", way.GetThen())
		list.Content = append(list.Content, mapping(way.GetName(), inner))
	}
	return list
}

func branchNodes(task *Task) *yaml.Node {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for i, block := range task.Blocks {
		list.Content = append(list.Content, mapping(block.Name, mapping("do", blockNode(task, i))))
	}
	return list
}

func blockNode(task *Task, number int) *yaml.Node {
	if number >= len(task.Blocks) {
		return taskList(nil)
	}
	return taskList(task.Blocks[number].Tasks)
}

func listenWord(config *tasksv1.ListenTaskConfig) string {
	if config.GetTo().GetMode() == ListenAll {
		return "all"
	}
	return "any"
}

func signals(config *tasksv1.ListenTaskConfig) *yaml.Node {
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for _, signal := range config.GetTo().GetSignals() {
		list.Content = append(list.Content, mapping("with", mapping("id", signal.GetId(), "type", signal.GetType())))
	}
	return list
}

// mapping makes a YAML object from keys and values in turn; unlike a map it keeps their order.
func mapping(pairs ...any) *yaml.Node {
	node := &yaml.Node{Kind: yaml.MappingNode}
	for i := 0; i+1 < len(pairs); i += 2 {
		extend(node, pairs[i].(string), pairs[i+1])
	}
	return node
}

func extend(node *yaml.Node, key string, v any) {
	keyNode, valueNode := &yaml.Node{}, &yaml.Node{}
	keyNode.SetString(key)
	if inner, ok := v.(*yaml.Node); ok {
		valueNode = inner
	} else if err := valueNode.Encode(v); err != nil {
		valueNode.SetString(fmt.Sprint(v))
	}
	node.Content = append(node.Content, keyNode, valueNode)
}
