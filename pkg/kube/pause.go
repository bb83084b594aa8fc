package kube

import (
	"context"
	"time"
)

// Pause waits, and says whether the context goes on.
func Pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
