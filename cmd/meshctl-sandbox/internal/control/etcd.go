package control

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"go.etcd.io/etcd/server/v3/embed"
	"go.etcd.io/etcd/server/v3/storage/wal"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// EtcdURL is where etcd listens, relative to the private directory: a path
// given in full could exceed the length that unix sockets allow. etcd wants a port in it, which becomes part of the name.
const EtcdURL = "unix://etcd.sock:0"

// walSegment replaces etcd's 64 MB: two segments are allocated ahead, and a
// temporary directory may well be in memory.
const walSegment = 8 << 20

// StartEtcd runs etcd and returns when it serves. fatal is called instead of
// os.Exit when etcd gives up.
func StartEtcd(ctx context.Context, files Files, fatal func()) (*Part, error) {
	log, err := os.OpenFile(filepath.Join(files.Logs, "etcd.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening etcd's log: %w", err)
	}
	config, err := etcdConfig(files, log, fatal)
	if err != nil {
		return nil, err
	}
	wal.SegmentSizeBytes = walSegment
	server, err := embed.StartEtcd(config)
	if err != nil {
		return nil, fmt.Errorf("starting etcd: %w", err)
	}
	part := start("etcd", func(ctx context.Context) error {
		defer server.Close()
		select {
		case <-ctx.Done():
			return nil
		case err := <-server.Err():
			return err
		case <-server.Server.StopNotify():
			return errExited
		}
	})
	select {
	case <-server.Server.ReadyNotify():
		return part, nil
	case <-part.Done():
		return nil, fmt.Errorf("etcd ended while starting: %w", part.Err())
	case <-ctx.Done():
		_ = part.Stop(context.Background())
		return nil, fmt.Errorf("waiting for etcd: %w", ctx.Err())
	}
}

// etcdConfig is a single member that elects itself at once and never syncs to
// disk, because nothing here outlives the process.
func etcdConfig(files Files, log *os.File, fatal func()) (*embed.Config, error) {
	client, err := url.Parse(EtcdURL)
	if err != nil {
		return nil, fmt.Errorf("parsing etcd's address: %w", err)
	}
	peer := &url.URL{Scheme: "unix", Host: "etcd-peer.sock:0"}
	config := embed.NewConfig()
	config.Name = "sandbox"
	config.Dir = filepath.Join(files.Dir, "etcd")
	config.ListenClientUrls, config.AdvertiseClientUrls = []url.URL{*client}, []url.URL{*client}
	config.ListenPeerUrls, config.AdvertisePeerUrls = []url.URL{*peer}, []url.URL{*peer}
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	config.UnsafeNoFsync = true
	config.EnableGRPCGateway = false
	config.TickMs, config.ElectionMs = 10, 100
	config.SnapshotCount = 50_000
	core := zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(log), zap.WarnLevel)
	config.ZapLoggerBuilder = embed.NewZapLoggerBuilder(zap.New(core, zap.WithFatalHook(hook(fatal))))
	return config, nil
}

// hook lets the sandbox clean up when etcd would exit the process.
type hook func()

// OnWrite implements zapcore.CheckWriteHook.
func (h hook) OnWrite(*zapcore.CheckedEntry, []zapcore.Field) { h() }
