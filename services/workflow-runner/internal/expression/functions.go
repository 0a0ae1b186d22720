package expression

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"reflect"

	"github.com/itchyny/gojq"
)

// UUIDs gives identifiers that look random and come out the same in a replay: they are derived from a seed and a
// counter.
type UUIDs struct {
	Seed string
	next int
}

func (u *UUIDs) take() string {
	u.next++
	sum := sha256.Sum256([]byte(u.Seed + "/" + strconv.Itoa(u.next)))
	// Version 8 is the one for identifiers of one's own making (RFC 9562).
	sum[6] = sum[6]&0x0f | 0x80
	sum[8] = sum[8]&0x3f | 0x80
	text := hex.EncodeToString(sum[:16])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

func nextUUID(source any, _ []any) any {
	uuids, ok := source.(*UUIDs)
	if !ok {
		return errors.New("uuid is not available here")
	}
	return uuids.take()
}

// repetitionFunction stands for the operator `*`, since a short text times a large number would otherwise take all
// memory before any limit could be looked at.
const repetitionFunction = "_bounded_multiply"

func boundRepetition(parsed *gojq.Query) {
	walk(reflect.ValueOf(parsed), func(node any) {
		operation, ok := node.(*gojq.Query)
		if !ok || operation.Op != gojq.OpMul {
			return
		}
		call := &gojq.Func{Name: repetitionFunction, Args: []*gojq.Query{operation.Left, operation.Right}}
		operation.Op, operation.Left, operation.Right = 0, nil, nil
		operation.Term = &gojq.Term{Type: gojq.TermTypeFunc, Func: call}
	})
}

func multiply(_ any, operands []any) any {
	left, right := operands[0], operands[1]
	if a, ok := left.(int); ok {
		if b, ok := right.(int); ok && small(a) && small(b) {
			return a * b
		}
	}
	text, count := left, right
	if _, ok := text.(string); !ok {
		text, count = right, left
	}
	if text, ok := text.(string); ok {
		if times, ok := gojq.ToFloat64(count); ok && times*float64(len(text)) > OutputLimit {
			return fmt.Errorf("a text of more than %d bytes", OutputLimit)
		}
	}
	result, _ := product.Run(nil, left, right).Next()
	return result
}

// small numbers multiply without overflow.
func small(n int) bool { return -1<<31 < n && n < 1<<31 }

var product = mustCompile(`$a * $b`, "$a", "$b")

func mustCompile(source string, variables ...string) *gojq.Code {
	parsed, err := gojq.Parse(source)
	if err == nil {
		var code *gojq.Code
		if code, err = gojq.Compile(parsed, gojq.WithVariables(variables)); err == nil {
			return code
		}
	}
	return nil
}
