package expression

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Literal is a value as an expression has it.
func Literal(value any) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		// What JSON cannot hold is at least shown.
		return fmt.Sprintf("%q", fmt.Sprint(value))
	}
	return strings.TrimSpace(text.String())
}

// replaceOutsideTexts replaces references to the context in an expression, but not what looks like one in a quoted text. In
// a text, \( ... ) is an expression again.
func replaceOutsideTexts(expression string, replace func(match []string) string) string {
	var result strings.Builder
	inText := false
	// parentheses has, per expression inside a text, how many parentheses are open in it.
	var parentheses []int
	for index := 0; index < len(expression); {
		rest := expression[index:]
		length := 1
		switch {
		case inText && strings.HasPrefix(rest, `\(`):
			inText, length = false, 2
			parentheses = append(parentheses, 0)
		case inText && rest[0] == '\\' && len(rest) > 1:
			length = 2
		case rest[0] == '"':
			inText = !inText
		case inText:
		case rest[0] == '(' && len(parentheses) > 0:
			parentheses[len(parentheses)-1]++
		case rest[0] == ')' && len(parentheses) > 0:
			if parentheses[len(parentheses)-1]--; parentheses[len(parentheses)-1] < 0 {
				parentheses = parentheses[:len(parentheses)-1]
				inText = true
			}
		case rest[0] == '$':
			if match := contextName.FindStringSubmatch(rest); match != nil {
				result.WriteString(replace(match))
				index += len(match[0])
				continue
			}
		}
		result.WriteString(rest[:length])
		index += length
	}
	return result.String()
}
