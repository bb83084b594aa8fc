package kube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	authv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/version"
)

// Access is one question to the authorizer: may the user do this?
type Access struct{ Verb, Group, Resource, Namespace string }

// Answer is the authorizer's reply. Err is set where it gave none.
type Answer struct {
	Access
	Allowed bool
	Reason  string
	Err     error
}

// CanI asks every question and keeps their order.
func (c *Client) CanI(ctx context.Context, questions []Access) []Answer {
	answers := make([]Answer, len(questions))
	InParallel(len(questions), func(i int) { answers[i] = c.ask(ctx, questions[i]) })
	return answers
}

func (c *Client) ask(ctx context.Context, q Access) Answer {
	review := &authv1.SelfSubjectAccessReview{Spec: authv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authv1.ResourceAttributes{Verb: q.Verb, Group: q.Group, Resource: q.Resource, Namespace: q.Namespace},
	}}
	got, err := c.typed.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, review, metav1.CreateOptions{})
	if err != nil {
		return Answer{Access: q, Err: err}
	}
	if !got.Status.Allowed && !got.Status.Denied && got.Status.EvaluationError != "" {
		return Answer{Access: q, Err: errors.New(got.Status.EvaluationError)}
	}
	return Answer{Access: q, Allowed: got.Status.Allowed, Reason: got.Status.Reason}
}

func decodeVersion(body []byte) (string, error) {
	var info version.Info
	if err := json.Unmarshal(body, &info); err != nil {
		return "", fmt.Errorf("decoding: %w", err)
	}
	return info.GitVersion, nil
}
