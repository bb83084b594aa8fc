package control

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/klog/v2"
	"k8s.io/klog/v2/textlogger"
)

// RedirectLogs sends klog, which all parts share, to kube-apiserver.log: the
// API server is the one that writes there most, the others mostly use the
// logger of their context. fatal is called instead of os.Exit.
func RedirectLogs(files Files, fatal func()) error {
	file, err := openLog(files, "kube-apiserver")
	if err != nil {
		return err
	}
	klog.LogToStderr(false)
	klog.SetOutput(file)
	klog.OsExit = func(int) { fatal() }
	return nil
}

// withLogger gives a part that logs through its context a log of its own.
func withLogger(ctx context.Context, files Files, name string) (context.Context, error) {
	file, err := openLog(files, name)
	if err != nil {
		return ctx, err
	}
	return klog.NewContext(ctx, textlogger.NewLogger(textlogger.NewConfig(textlogger.Output(file)))), nil
}

func openLog(files Files, name string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(files.Logs, name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the log of %s: %w", name, err)
	}
	return file, nil
}
