package kube

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
)

// Unreachable says that no API server answered, as against one that refused.
type Unreachable struct {
	Host  string
	Cause error
	// Answered says that it had answered before.
	Answered bool
}

func (e *Unreachable) Error() string {
	if e.Answered {
		return fmt.Sprintf("the API server at %s stopped answering: %v", e.Host, e.Cause)
	}
	return fmt.Sprintf("cannot reach the API server at %s: %v; check --kubeconfig and --context, and that the cluster is up", e.Host, e.Cause)
}

func (e *Unreachable) Unwrap() error { return e.Cause }

// Broken says that no answer came at all: the connection, the deadline or the
// user ended the request. What the API server said, and kinds that it does
// not know, are answers.
func Broken(err error) bool {
	var status apierrors.APIStatus
	return err != nil && !errors.As(err, &status) && !meta.IsNoMatchError(err)
}

// Explain turns an error without an answer into an *Unreachable that a user
// understands, and leaves what the API server said as it is.
func (c *Client) Explain(err error) error {
	var known *Unreachable
	if errors.As(err, &known) {
		return known
	}
	if !Broken(err) || errors.Is(err, context.Canceled) {
		return err
	}
	var op *url.Error
	if errors.As(err, &op) {
		err = op.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = errors.New("no answer in time")
	}
	var netErr *net.OpError
	if errors.As(err, &netErr) && netErr.Err != nil {
		err = netErr.Err
	}
	return &Unreachable{c.Host(), err, c.answered.Load()}
}

// NotFound says that an object, or its whole kind, is not in the cluster.
func NotFound(err error) bool { return apierrors.IsNotFound(err) || meta.IsNoMatchError(err) }

// Forbidden says that the user may not do what was asked.
func Forbidden(err error) bool { return apierrors.IsForbidden(err) || apierrors.IsUnauthorized(err) }

// Message is what the API server said, without the wrapping that repeats the
// object's name.
func Message(err error) string {
	var status apierrors.APIStatus
	if errors.As(err, &status) && status.Status().Message != "" {
		return status.Status().Message
	}
	return strings.TrimSpace(err.Error())
}

// Invalid says that the object itself is wrong, wherever it is sent.
func Invalid(err error) bool { return apierrors.IsInvalid(err) || apierrors.IsBadRequest(err) }

// UnknownKind says that the server does not know the object's kind.
func UnknownKind(err error) bool { return meta.IsNoMatchError(err) }

// Transient says that the same request may work in a moment. Fields that
// belong to another manager, and another object of the same name, stay.
func Transient(err error) bool {
	lasting := len(Conflicts(err)) > 0 || Replaced(err) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
	return !lasting && (Broken(err) || apierrors.IsServerTimeout(err) || apierrors.IsTimeout(err) || apierrors.IsTooManyRequests(err) ||
		apierrors.IsServiceUnavailable(err) || apierrors.IsInternalError(err) || apierrors.IsConflict(err))
}

// NotAllowed says that the authorizer, or the rule against handing out more
// rights than one has, stands in the user's way. Admission refuses with the
// same code, for example where a quota is used up.
func NotAllowed(err error) bool {
	text := Message(err)
	return apierrors.IsUnauthorized(err) || apierrors.IsForbidden(err) &&
		(rightsMissing.MatchString(text) || strings.Contains(text, "attempting to grant RBAC permissions"))
}

var rightsMissing = regexp.MustCompile(`User "[^"]*" cannot \w+ resource`)

// Busy says that the API server gave no answer to the question for now.
func Busy(err error) bool {
	return apierrors.IsServerTimeout(err) || apierrors.IsTimeout(err) || apierrors.IsTooManyRequests(err) ||
		apierrors.IsServiceUnavailable(err) || apierrors.IsInternalError(err) && !strings.Contains(Message(err), "webhook")
}

// Denied says that an admission webhook refused a request, as against the
// authorizer or the schema.
func Denied(err error) bool {
	return err != nil && strings.Contains(Message(err), "admission webhook") && strings.Contains(Message(err), "denied the request")
}
