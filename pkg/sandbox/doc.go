// Package sandbox starts, watches and stops meshctl-sandbox: a real Kubernetes
// control plane, simulated nodes and a real istiod in a few local processes, for
// rehearsals and for tests.
//
// The control plane lives in a binary of its own, because Kubernetes as a
// library needs replace directives that would keep meshctl from being installed
// with go install. This package only talks to that binary: it depends on nothing
// but the standard library.
//
// # Two ways to run one
//
// [Start] ties a sandbox to the calling process. It ends with [Sandbox.Stop],
// and just as well when the caller is interrupted or killed: the sandbox reads
// a pipe from its caller and stops when that closes. It runs in a process group
// of its own, so that Ctrl-C in a terminal reaches the caller alone, who decides.
//
// [StartDetached] leaves one behind in a directory that [LoadStatus] and
// [StopDetached] find again.
//
// # Who is alive
//
// A sandbox holds a lock on a file in its private directory for as long as it
// lives, and the system releases it whatever happens. That lock, not a process
// number in a file, tells the living from the dead: nothing is signalled or
// removed on the word of a number alone. Directories of the dead are removed by
// the next Start.
package sandbox
