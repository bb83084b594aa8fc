package kube

import (
	"context"
	"encoding/json"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// SecretType is the type of a Secret. The API server is asked for the line that
// `kubectl get` prints, so that the data is never sent.
func (c *Client) SecretType(ctx context.Context, namespace, name string) (string, error) {
	body, err := c.typed.CoreV1().RESTClient().Get().Namespace(namespace).Resource("secrets").Name(name).
		SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io").Param("includeObject", string(metav1.IncludeNone)).Do(ctx).Raw()
	if err != nil {
		return "", err
	}
	var table metav1.Table
	if err := json.Unmarshal(body, &table); err != nil {
		return "", fmt.Errorf("decoding the line of secret %s: %w", name, err)
	}
	for i, column := range table.ColumnDefinitions {
		if column.Name == "Type" && len(table.Rows) == 1 && i < len(table.Rows[0].Cells) {
			if text, ok := table.Rows[0].Cells[i].(string); ok {
				return text, nil
			}
		}
	}
	return "", fmt.Errorf("the line of secret %s has no type", name)
}
