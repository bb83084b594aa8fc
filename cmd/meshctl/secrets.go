package main

import (
	"github.com/meshctl/meshctl/pkg/mask"
)

// secrets are those of the configurations that reports are about. Of fixes
// there are several; they have the secrets of the first and the last.
func (o *outputFlags) secrets() *mask.Set { return mask.Of(o.about...) }

// hiding is an error whose text is masked; what it is stays known.
type hiding struct {
	text  string
	cause error
}

func (h *hiding) Error() string { return h.text }
func (h *hiding) Unwrap() error { return h.cause }

// hide masks the text of an error, which may quote a configuration.
func (o *outputFlags) hide(err error) error { return &hiding{o.secrets().Text(err.Error()), err} }
