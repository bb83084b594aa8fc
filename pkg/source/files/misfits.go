package files

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/meshctl/meshctl/pkg/document"
	own "github.com/meshctl/meshctl/pkg/schema"
	"github.com/meshctl/meshctl/pkg/snapshot"
)

// misfits records the values of an object that its fields do not take, though
// it could be read.
func (b *batch) misfits(k snapshot.Kind, o snapshot.Object, v *document.Value, fields *document.Fields) {
	v.EachMisfit(fields, func(m document.Misfit) {
		b.refuse(k, v, snapshot.KeyOf(o).String(), m)
	})
}

func (b *batch) refuse(k snapshot.Kind, v *document.Value, object string, m document.Misfit) {
	at := m.Value.Location()
	at.Object = object
	b.refused = append(b.refused, snapshot.RefusedValue{
		At: at, Group: k.Group, Kind: k.Kind, Name: v.Str("metadata", "name"), Reason: misfit(k, m),
		Strange: m.IsName() && own.SuggestValue(m.Value.Text, m.Want.Values) == "", Taken: taken(v),
	})
}

// unreadable records an object that could not be decoded, by the values that
// have the wrong form; the decoder names neither them nor their place.
func (b *batch) unreadable(k snapshot.Kind, v *document.Value, fields *document.Fields, err error) {
	name, found := v.Str("metadata", "name"), false
	v.EachMisfit(fields, func(m document.Misfit) {
		if m.IsName() || m.Other != nil {
			b.refuse(k, v, "", m)
			return
		}
		found = true
		b.malformed = append(b.malformed, snapshot.Malformed{At: m.Value.Location(), Kind: k.Kind, Name: name, Reason: misfit(k, m)})
	})
	if !found {
		b.malformed = append(b.malformed, snapshot.Malformed{At: v.Location(), Kind: k.Kind, Name: name, Reason: err.Error()})
	}
}

// misfit says what a value is and what is wanted.
func misfit(k snapshot.Kind, m document.Misfit) string {
	v := m.Value
	if m.Other != nil {
		return fmt.Sprintf("%s and %s are both set, want one of them", m.Other.Path(), v.Name())
	}
	if !m.IsName() {
		return fmt.Sprintf("%s %s, want %s", v.Path(), shown(k, v), wanted(k, m))
	}
	text := fmt.Sprintf("%s is %q", v.Path(), v.Text)
	if meant := own.SuggestValue(v.Text, m.Want.Values); meant != "" {
		text += "; did you mean " + meant + "?"
		if len(m.Want.Values) > 1 {
			text += " It can be " + strings.Join(m.Want.Values, ", ")
		}
		return text
	}
	text += ", want one of " + strings.Join(m.Want.Values, ", ")
	if k.Kind == "Service" && strings.HasSuffix(v.Path(), ".protocol") {
		text += "; what the application speaks is told by the name of the port or by appProtocol"
	}
	return text
}

// shown is a value in words; what may be secret is not told.
func shown(k snapshot.Kind, v *document.Value) string {
	const longest = 60
	text := v.Text
	if r := []rune(text); len(r) > longest {
		text = string(r[:longest]) + "..."
	}
	switch {
	case !v.Scalar():
		return "is a " + v.Kind.String()
	case k.Sealed:
		return "has the wrong form"
	case v.Kind == document.String:
		return "is the string " + strconv.Quote(text)
	case v.Kind == document.Bool:
		return "is the boolean " + text
	}
	return "is the number " + text
}

// wanted is what a field takes, with the value as it should be written where
// only quotes are wrong.
func wanted(k snapshot.Kind, m document.Misfit) string {
	v, form := m.Value, m.Want.Form
	switch {
	case m.Err != nil:
		return "a value that can be read: " + strings.ReplaceAll(m.Err.Error(), "\n", " ")
	case m.Want.Values != nil:
		return "one of " + strings.Join(m.Want.Values, ", ")
	case form == document.Text && v.Scalar() && !k.Sealed:
		return "a string: " + strconv.Quote(v.Text)
	case form == document.Integer && m.Want.Least != m.Want.Most && v.Kind == document.Int:
		return fmt.Sprintf("an integer from %.0f to %.0f", m.Want.Least, m.Want.Most)
	}
	return form.String()
}
