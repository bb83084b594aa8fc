package document

import (
	"math"
	"time"
)

// Form is what a value has to be.
type Form uint8

// The forms of a value.
const (
	Anything Form = iota
	Text
	Boolean
	Integer
	Number
	Duration // a string such as 1m30s
	Object
	Array
	Special // one that has a decoder of its own
)

// String says what is wanted.
func (f Form) String() string {
	return [...]string{"anything", "a string", "true or false", "an integer", "a number", `a duration such as "10s"`, "a map", "a list", "another value"}[f]
}

// Misfit is a value that its field does not take.
type Misfit struct {
	Value *Value
	Want  *Fields
	// Other is the field beside it, where only one of both may be set.
	Other *Value
	// Err says why a value of a Special form is refused.
	Err error
}

// IsName says that the value has the right form and is none of those that the
// field takes.
func (m Misfit) IsName() bool { return m.Other == nil && m.Value.Kind == String && m.Want.Named != nil }

// EachMisfit visits the values that their fields do not take.
func (v *Value) EachMisfit(f *Fields, visit func(Misfit)) {
	if f == nil || v == nil || v.Kind == Null {
		return
	}
	if ok, err := f.takes(v); !ok {
		visit(Misfit{Value: v, Want: f, Err: err})
		return
	}
	set := map[string]*Value{}
	for _, field := range v.Fields() {
		if directive(field.Name()) {
			continue
		}
		if group, ok := f.OneOf[field.Name()]; ok && field.Kind != Null {
			if other := set[group]; other != nil {
				visit(Misfit{Value: field, Want: f, Other: other})
			}
			set[group] = field
		}
		next := f.Each
		if f.Known != nil {
			next = f.Known[field.Name()]
		}
		field.EachMisfit(next, visit)
	}
	for _, item := range v.Items() {
		item.EachMisfit(f.Each, visit)
	}
}

func (f *Fields) takes(v *Value) (bool, error) {
	switch f.Form {
	case Text:
		return v.Kind == String && (f.Named == nil || f.Named[v.Text]), nil
	case Boolean:
		return v.Kind == Bool, nil
	case Integer, Number:
		return f.takesNumber(v), nil
	case Duration:
		_, err := time.ParseDuration(v.Text)
		return v.Kind == String && err == nil, nil
	case Object:
		return v.Kind == Map, nil
	case Array:
		return v.Kind == List, nil
	case Special:
		text, err := v.JSON()
		if err == nil {
			err = f.Refuses(text)
		}
		return err == nil, err
	default:
		return true, nil
	}
}

func (f *Fields) takesNumber(v *Value) bool {
	var n float64
	switch value := v.Any().(type) {
	case int64:
		n = float64(value)
	case uint64:
		n = float64(value)
	case float64:
		n = value
	default:
		return false
	}
	if f.Form == Number {
		return true
	}
	return n == math.Trunc(n) && (f.Least == f.Most || f.Least <= n && n <= f.Most)
}
