package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/meshctl/meshctl/pkg/helm"
	"github.com/meshctl/meshctl/pkg/install"
	"github.com/meshctl/meshctl/pkg/snapshot"
	"github.com/meshctl/meshctl/pkg/source/installed"
	"github.com/meshctl/meshctl/pkg/uninstall"
	"github.com/meshctl/meshctl/pkg/writer"
)

// prepareReleases says which of an installation's releases go: Helm knows their
// objects. What other revisions use too stays, unless they go as well.
func (u *uninstalling) prepareReleases(ctx context.Context, s *session, i installed.Installation) (victim, error) {
	if u.crds {
		return victim{}, usagef("--purge-crds is for what meshctl and istioctl installed; Helm keeps the CRDs of %s: delete them with kubectl once nobody needs them", i.Name())
	}
	var kept []helm.Installed
	i.Releases, kept = split(i.Releases, i.Shared && !u.all)
	r, err := uninstall.Users(ctx, s.client, i.Owner, workloads(i))
	if err != nil {
		return victim{}, fmt.Errorf("uninstalling %s: %w", i.Name(), err)
	}
	for _, k := range kept {
		r.Left = append(r.Left, uninstall.Left{Key: snapshot.Key{Kind: "release", Namespace: k.Namespace, Name: k.Name}, Why: "other revisions need it too"})
	}
	return victim{i, r}, u.releaseObjects(ctx, s, victim{i, r})
}

// releaseObjects adds what goes with the releases, in the order in which they
// go.
func (u *uninstalling) releaseObjects(ctx context.Context, s *session, v victim) error {
	for _, r := range slices.Backward(v.Releases) {
		goes, kept, err := helm.New(s.client).Removes(ctx, r)
		if err != nil {
			return fmt.Errorf("uninstalling %s: %w", v.Name(), err)
		}
		component := ""
		if r.Config.Chart == "gateway" {
			component = "Gateways"
		}
		for _, key := range goes {
			v.removal.Objects = append(v.removal.Objects, uninstall.Object{Key: key, Component: component})
		}
		for _, key := range kept {
			if key.Kind == "CustomResourceDefinition" {
				v.removal.CRDs++
				continue
			}
			v.removal.Left = append(v.removal.Left, uninstall.Left{Key: key, Why: "its chart tells Helm to keep it"})
		}
	}
	return nil
}

func split(all []helm.Installed, shared bool) (leaving, stay []helm.Installed) {
	for _, r := range all {
		if shared && r.Config.Chart != "istiod" && r.Config.Chart != "gateway" {
			stay = append(stay, r)
		} else {
			leaving = append(leaving, r)
		}
	}
	return leaving, stay
}

// workloads are the names under which the charts run what goes.
func workloads(i installed.Installation) []snapshot.Key {
	var out []snapshot.Key
	add := func(kind string, r helm.Installed, name string) {
		out = append(out, snapshot.Key{Group: "apps", Kind: kind, Namespace: r.Namespace, Name: name})
	}
	for _, r := range i.Releases {
		switch r.Config.Chart {
		case "istiod":
			name := "istiod"
			if i.Owner.Revision != "" {
				name += "-" + i.Owner.Revision
			}
			add("Deployment", r, name)
		case "gateway":
			add("Deployment", r, r.Name)
		case "cni":
			add("DaemonSet", r, "istio-cni-node")
		case "ztunnel":
			add("DaemonSet", r, "ztunnel")
		}
	}
	return out
}

func (u *uninstalling) removeReleases(ctx context.Context, s *session, v victim) error {
	err := helm.New(s.client).Uninstall(ctx, v.Releases, install.Options{
		Emit: func(e install.Event) { u.say("deleted %s", writer.Clean(e.Object)) },
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(u.out, "removed %s; the namespace %s stays\n", writer.Clean(v.Name()), v.Owner.Namespace)
	return nil
}
