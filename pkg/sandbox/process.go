package sandbox

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

// process is a running meshctl-sandbox and what it says.
type process struct {
	cmd    *exec.Cmd
	stdin  io.Closer // nil when detached
	stderr *tail
	ready  chan struct{} // closed at the ready event
	done   chan struct{} // closed when the process has ended and been reaped

	mu     sync.Mutex
	isUp   bool   // the ready event was seen
	failed *Event // the first error event
}

// launch runs the binary on dir and follows its events.
func launch(opts Options, dir string, detached bool) (*process, error) {
	binary, err := FindBinary(opts.Binary)
	if err != nil {
		return nil, err
	}
	p := &process{
		cmd:    exec.Command(binary, arguments(opts, dir, detached)...),
		stderr: &tail{}, ready: make(chan struct{}), done: make(chan struct{}),
	}
	p.cmd.SysProcAttr = attributes(detached)
	p.cmd.Stderr = p.stderr
	p.cmd.WaitDelay = time.Second
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("making a pipe: %w", err)
	}
	if !detached {
		if p.stdin, err = p.cmd.StdinPipe(); err != nil {
			return nil, fmt.Errorf("making a pipe: %w", err)
		}
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", binary, err)
	}
	go p.follow(stdout, opts.Progress)
	return p, nil
}

func arguments(opts Options, dir string, detached bool) []string {
	args := []string{
		"serve", "--dir=" + dir,
		"--istiod=" + strconv.FormatBool(!opts.NoIstiod),
		"--audit=" + strconv.FormatBool(!opts.NoAudit),
		"--watch-stdin=" + strconv.FormatBool(!detached),
	}
	if opts.Nodes > 0 {
		args = append(args, "--nodes="+strconv.Itoa(opts.Nodes))
	}
	return args
}

// follow reads events until the process closes its output, then reaps it.
func (p *process) follow(stdout io.Reader, progress func(Event)) {
	defer close(p.done)
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var event Event
		if json.Unmarshal(lines.Bytes(), &event) != nil {
			continue // not ours to judge
		}
		p.note(event)
		if progress != nil {
			progress(event)
		}
	}
	_, _ = io.Copy(io.Discard, stdout)
	_ = p.cmd.Wait() // how it ended is in ProcessState
}

func (p *process) note(event Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case event.Type == EventReady && !p.isUp:
		p.isUp = true
		close(p.ready)
	case event.Type == EventError && p.failed == nil:
		p.failed = &event
	}
}

// failure explains why the process ended before it was ready. It must be called
// before the directory is removed.
func (p *process) failure(dir string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failed != nil {
		return &StartError{Component: p.failed.Component, Message: p.failed.Message, Log: p.failed.Log}
	}
	log := p.stderr.lines()
	if data, err := os.ReadFile(supervisorLog(dir)); err == nil {
		log = append(log, lastLines(string(data))...)
	}
	return &StartError{Component: binaryName, Message: "ended early: " + p.cmd.ProcessState.String(), Log: log}
}

// tailLines is how much of a log explains a failure.
const tailLines = 12

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

// Write implements io.Writer.
func (t *tail) Write(b []byte) (int, error) {
	const limit = 8 << 10
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	t.text = t.text[max(0, len(t.text)-limit):]
	return len(b), nil
}

func (t *tail) lines() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return lastLines(string(t.text))
}

func lastLines(text string) []string {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil
	}
	all := strings.Split(text, "\n")
	return all[max(0, len(all)-tailLines):]
}
