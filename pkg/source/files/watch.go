package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settle is how long a change waits for those that come with it: editors and
// git write a file in several steps.
const settle = 20 * time.Millisecond

// mostSettle is how long all of them may take.
const mostSettle = 10 * settle

// Watcher tells of changes of files and of the files in folders.
type Watcher struct {
	events *fsnotify.Watcher
	// files and roots are those that were named, folders all that are watched
	// for being in a root, except what is written here; by their clean paths.
	files, roots, folders, except map[string]bool
}

// Watch begins to look at the paths that LoadObjects would read, except those
// that the caller writes itself. Folders are watched rather than files, since
// most editors put a new file in the place of the old one; and the folder above
// one, since git removes and makes it anew.
func Watch(paths, except []string) (*Watcher, error) {
	events, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watching files: %w", tooMany(err))
	}
	w := &Watcher{events: events, files: map[string]bool{}, roots: map[string]bool{}, folders: map[string]bool{}, except: map[string]bool{}}
	for _, p := range except {
		w.except[filepath.Clean(p)] = true
	}
	for _, p := range paths {
		if err := w.add(filepath.Clean(p)); err != nil {
			return nil, errors.Join(fmt.Errorf("watching %s: %w", p, tooMany(cause(err))), events.Close())
		}
	}
	return w, nil
}

func (w *Watcher) add(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		w.files[path] = true
		return w.events.Add(filepath.Dir(path))
	}
	w.roots[path] = true
	if err := w.events.Add(filepath.Dir(path)); err != nil {
		return err
	}
	return w.folder(path)
}

// folder watches a folder and those in it, but for what is not read.
func (w *Watcher) folder(root string) error {
	root += string(filepath.Separator) // enters a symbolic link
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if path != root && skipped(path, d.Name()) {
			return filepath.SkipDir
		}
		w.folders[filepath.Clean(path)] = true
		return w.events.Add(filepath.Clean(path))
	})
}

// forget ends the watch of a folder that is gone, and of those in it.
func (w *Watcher) forget(path string) {
	for folder := range w.folders {
		if rel, err := filepath.Rel(path, folder); err == nil && filepath.IsLocal(rel) {
			delete(w.folders, folder)
		}
	}
}

// Next waits for a change and names the files that are not as they were,
// sorted by when they changed. It ends with the context's error.
func (w *Watcher) Next(ctx context.Context) ([]string, error) {
	var changed []string
	var first time.Time
	quiet := make(<-chan time.Time) // never, until something changes
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-quiet:
			return changed, nil
		case err := <-w.events.Errors:
			if !errors.Is(err, fsnotify.ErrEventOverflow) {
				return nil, fmt.Errorf("watching files: %w", err)
			}
			// So much has changed that nobody can say what.
			quiet = time.After(settle)
		case e := <-w.events.Events:
			if !w.concerns(e) {
				continue
			}
			if len(changed) == 0 {
				first = time.Now()
			}
			if len(changed) == 0 || changed[len(changed)-1] != e.Name {
				changed = append(changed, e.Name)
			}
			// Who writes all the time is not waited for.
			if time.Since(first) < mostSettle {
				quiet = time.After(settle)
			}
		}
	}
}

// Close ends the watch.
func (w *Watcher) Close() error { return w.events.Close() }

// concerns says whether an event is about something that is read. New folders
// are watched from then on.
func (w *Watcher) concerns(e fsnotify.Event) bool {
	path := filepath.Clean(e.Name)
	gone := e.Has(fsnotify.Remove) || e.Has(fsnotify.Rename)
	switch {
	case e.Op == fsnotify.Chmod || w.except[path]:
		return false
	case w.files[path]:
		return true
	case gone && w.folders[path]:
		w.forget(path)
		return true
	case !w.roots[path] && (!w.folders[filepath.Dir(path)] || skipped(path, filepath.Base(path))):
		return false
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return e.Has(fsnotify.Create) && w.folder(path) == nil
	}
	if isJSON(path) && !gone {
		// Not a report that is written beside what it is about.
		text, err := os.ReadFile(path)
		return err == nil && !input{path: path}.foreign(text)
	}
	return isYAML(path) || isJSON(path)
}

// tooMany explains the limit that a large tree meets on Linux.
func tooMany(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EMFILE) {
		return fmt.Errorf("%w: too many folders are watched on this machine; raise fs.inotify.max_user_watches and max_user_instances, or name fewer folders", err)
	}
	return err
}
