package kube

import (
	"context"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// Patiently makes a request up to five times within three seconds while its error
// may pass by itself. It returns the last error; ctx ends the pauses.
func Patiently(ctx context.Context, request func() error) error {
	for pause := 200 * time.Millisecond; ; pause *= 2 {
		err := request()
		if err == nil || !Transient(err) || pause > 3*time.Second || !sleep(ctx, pause) {
			return err
		}
	}
}

// Replaced says that the object which was to be deleted is another one of the
// same name by now.
func Replaced(err error) bool {
	return apierrors.IsConflict(err) && strings.Contains(Message(err), "Precondition failed: UID")
}
