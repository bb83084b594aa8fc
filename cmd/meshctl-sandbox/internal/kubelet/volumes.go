package kubelet

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

const (
	// tokenLife is how long the pod's token is valid, and tokenRenewal when it
	// is replaced; a detached sandbox may run for days.
	tokenLife    = 24 * time.Hour
	tokenRenewal = 6 * time.Hour
)

func (w *worker) tokenFile() string  { return filepath.Join(w.dir, "token") }
func (w *worker) kubeconfig() string { return filepath.Join(w.dir, "kubeconfig") }

func (w *worker) removeDir() { _ = os.RemoveAll(w.dir) }

// mountVolumes writes the ConfigMaps and Secrets that the container mounts.
// istiod names its files relative to its working directory, so a mount path is
// taken as below the pod's directory. Like a kubelet's, the files of a mounted
// object are those of the moment the container starts; istiod itself watches
// what it needs to follow.
func (w *worker) mountVolumes(ctx context.Context) error {
	if err := os.MkdirAll(w.dir, 0o700); err != nil {
		return fmt.Errorf("making the pod's directory: %w", err)
	}
	for _, mount := range w.main.VolumeMounts {
		for i := range w.pod.Spec.Volumes {
			volume := &w.pod.Spec.Volumes[i]
			if volume.Name != mount.Name {
				continue
			}
			if err := w.mount(ctx, volume.VolumeSource, filepath.Join(w.dir, filepath.Clean("/"+mount.MountPath))); err != nil {
				return fmt.Errorf("volume %s: %w", volume.Name, err)
			}
		}
	}
	return nil
}

func (w *worker) mount(ctx context.Context, source corev1.VolumeSource, dir string) error {
	switch {
	case source.ConfigMap != nil:
		data, err := w.configMap(ctx, source.ConfigMap.Name, source.ConfigMap.Optional)
		return writeVolume(dir, data, source.ConfigMap.Items, err)
	case source.Secret != nil:
		data, err := w.secret(ctx, source.Secret.SecretName, source.Secret.Optional)
		return writeVolume(dir, data, source.Secret.Items, err)
	case source.Projected != nil:
		for _, p := range source.Projected.Sources {
			if err := w.project(ctx, p, dir); err != nil {
				return err
			}
		}
	case source.EmptyDir != nil:
		return os.MkdirAll(dir, 0o700)
	}
	return nil // any other kind is absent for istiod
}

func (w *worker) project(ctx context.Context, p corev1.VolumeProjection, dir string) error {
	switch {
	case p.ConfigMap != nil:
		data, err := w.configMap(ctx, p.ConfigMap.Name, p.ConfigMap.Optional)
		return writeVolume(dir, data, p.ConfigMap.Items, err)
	case p.Secret != nil:
		data, err := w.secret(ctx, p.Secret.Name, p.Secret.Optional)
		return writeVolume(dir, data, p.Secret.Items, err)
	case p.ServiceAccountToken != nil:
		token, err := w.token(ctx, p.ServiceAccountToken.Audience)
		return writeVolume(dir, map[string]string{p.ServiceAccountToken.Path: token}, nil, err)
	}
	return nil
}

// writeVolume writes data to dir. Without any data there is no directory, which
// is what istiod makes of an optional volume that is empty.
func writeVolume(dir string, data map[string]string, items []corev1.KeyToPath, err error) error {
	if err != nil || len(data) == 0 {
		return err
	}
	if len(items) > 0 {
		chosen := map[string]string{}
		for _, item := range items {
			chosen[item.Path] = data[item.Key]
		}
		data = chosen
	}
	for name, content := range data {
		path := filepath.Join(dir, filepath.Clean("/"+name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// renewToken writes the kubeconfig that istiod uses instead of the in-cluster
// configuration: it is the pod's own service account, with the rights that the
// installed roles give it and no others.
func (w *worker) renewToken(ctx context.Context) error {
	token, err := w.token(ctx, "")
	if err != nil {
		return err
	}
	if err := os.WriteFile(w.tokenFile(), []byte(token), 0o600); err != nil {
		return fmt.Errorf("writing the token: %w", err)
	}
	return w.runner.CA.WriteTokenKubeconfig(w.kubeconfig(), w.runner.Server, w.tokenFile())
}

// token asks for a token that is bound to the pod.
func (w *worker) token(ctx context.Context, audience string) (string, error) {
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{
		ExpirationSeconds: ptr.To(int64(tokenLife.Seconds())),
		BoundObjectRef:    &authenticationv1.BoundObjectReference{Kind: "Pod", APIVersion: "v1", Name: w.pod.Name, UID: w.pod.UID},
	}}
	if audience != "" {
		request.Spec.Audiences = []string{audience}
	}
	account := w.pod.Spec.ServiceAccountName
	answer, err := w.runner.Client.CoreV1().ServiceAccounts(w.pod.Namespace).CreateToken(ctx, account, request, metav1.CreateOptions{})
	if err != nil {
		return "", fmt.Errorf("requesting a token for service account %s: %w", account, err)
	}
	return answer.Status.Token, nil
}
