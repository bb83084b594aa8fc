//go:build !unix

package fix

import "io/fs"

// keepOwner does nothing: the system has no owners as Unix has them.
func keepOwner(string, fs.FileInfo) {}
