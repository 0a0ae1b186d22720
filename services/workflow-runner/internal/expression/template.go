package expression

import (
	"errors"
	"strings"
)

// segment is a piece of a text: literal text, or the inside of a `${ … }`.
type segment struct {
	text         string
	isExpression bool
}

var errUnterminated = errors.New("`${` without a closing `}`; write `$${` for a literal `${`")

// split cuts a text into literal pieces and expressions. `$${` stands for a literal `${`.
func split(text string) ([]segment, error) {
	var segments []segment
	var literal strings.Builder
	flush := func() {
		if literal.Len() > 0 {
			segments = append(segments, segment{text: literal.String()})
			literal.Reset()
		}
	}
	for len(text) > 0 {
		switch {
		case strings.HasPrefix(text, "$${"):
			literal.WriteString("${")
			text = text[3:]
		case strings.HasPrefix(text, "${"):
			end := closing(text[2:], '{', '}')
			if end < 0 {
				return nil, errUnterminated
			}
			flush()
			segments = append(segments, segment{text: strings.TrimSpace(text[2 : 2+end]), isExpression: true})
			text = text[2+end+1:]
		default:
			literal.WriteByte(text[0])
			text = text[1:]
		}
	}
	flush()
	return segments, nil
}

// closing finds the bracket that ends what a bracket before the text began: the first one outside of strings and of inner
// pairs. It returns -1 when there is none.
func closing(text string, opens, closes byte) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			end := stringEnd(text[i+1:])
			if end < 0 {
				return -1
			}
			i += 1 + end
		case opens:
			depth++
		case closes:
			if depth == 0 {
				return i
			}
			depth--
		}
	}
	return -1
}

// stringEnd finds the quote that ends a jq string, stepping over escapes and over `\( … )` with strings of its own.
func stringEnd(text string) int {
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '"':
			return i
		case text[i] == '\\' && i+1 < len(text) && text[i+1] == '(':
			end := closing(text[i+2:], '(', ')')
			if end < 0 {
				return -1
			}
			i += 2 + end
		case text[i] == '\\':
			i++
		}
	}
	return -1
}

// query is the jq program of a text that is a condition or a list: `${ a } == "b"` is `(a) == "b"`, and a text without
// `${ }` is a program as it stands.
func query(text string) (string, error) {
	segments, err := split(text)
	if err != nil {
		return "", err
	}
	var program strings.Builder
	for _, piece := range segments {
		if piece.isExpression && len(segments) > 1 {
			program.WriteString("(" + piece.text + ")")
			continue
		}
		program.WriteString(piece.text)
	}
	return program.String(), nil
}
