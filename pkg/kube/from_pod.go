package kube

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// PodPort is a port of a pod on which something speaks HTTP.
type PodPort struct {
	Namespace, Pod string
	Port           int
}

// podLimit is how long one answer of a pod may take.
const podLimit = 10 * time.Second

// FromPod reads a path that a pod serves: through the API server's proxy, and
// where the pod answers only to callers from inside, or the user may not use the
// proxy, over a forwarded port. An answer of more than limit bytes is an error.
// That the pod does not answer is no *Unreachable: the API server did.
func (c *Client) FromPod(ctx context.Context, from PodPort, path string, limit int64) ([]byte, error) {
	within, cancel := context.WithTimeout(withBodyLimit(ctx, limit), podLimit)
	defer cancel()
	body, err := c.throughProxy(within, from, path, limit)
	if Forbidden(err) {
		if body, forwarded := c.throughForward(within, from, path, limit); forwarded == nil {
			return body, nil
		} else if apierrors.IsUnauthorized(err) {
			err = &PodError{"forbidden: it answers only to callers from inside its pod, and the right to create pods/portforward is needed for that: " + forwarded.Error()}
		}
	}
	switch {
	case err == nil:
		return body, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case Broken(err):
		return nil, &PodError{err.Error()}
	}
	return nil, err
}

func (c *Client) throughProxy(ctx context.Context, from PodPort, path string, limit int64) ([]byte, error) {
	stream, err := c.typed.CoreV1().RESTClient().Get().Namespace(from.Namespace).Resource("pods").
		Name(from.Pod + ":" + strconv.Itoa(from.Port)).SubResource("proxy").Suffix(path).Stream(ctx)
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	return atMost(stream, limit)
}

func atMost(r io.Reader, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(body)) > limit {
		err = errors.New("the answer is larger than " + strconv.FormatInt(limit>>20, 10) + " MB")
	}
	if err != nil {
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	return body, nil
}

// PodError says that a pod gave no answer, though the API server did.
type PodError struct{ Reason string }

func (e *PodError) Error() string { return e.Reason }
