package value

import "math/big"

// Fits tells whether a value is no larger than limit, in bytes of its JSON form, roughly. It looks at no more than limit
// bytes, so it is safe for values that share parts and would be huge when written out.
func Fits(v any, limit int) bool {
	return measure(v, limit) >= 0
}

// measure returns what is left of the budget, negative when it is used up.
func measure(v any, budget int) int {
	if budget < 0 {
		return budget
	}
	switch v := v.(type) {
	case string:
		return budget - len(v) - 2
	case *big.Int:
		return budget - v.BitLen()/3
	case []any:
		budget -= 2
		for _, element := range v {
			if budget = measure(element, budget-1); budget < 0 {
				return budget
			}
		}
		return budget
	case map[string]any:
		budget -= 2
		for key, element := range v {
			if budget = measure(element, budget-len(key)-4); budget < 0 {
				return budget
			}
		}
		return budget
	default:
		return budget - 4
	}
}
