package record

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

const (
	// maxStored is what fits into a Secret, which may be 1 MiB in all, and
	// maxPlain what is unpacked of one: more is no record of ours.
	maxStored = 900 << 10
	maxPlain  = 32 << 20

	versionKey, recordKey = "version", "record.json.gz"
)

// TooLarge says that a configuration does not fit into a Secret.
type TooLarge struct{ Bytes int }

func (e *TooLarge) Error() string {
	return fmt.Sprintf("the configuration cannot be recorded: packed it has %d bytes, a Secret takes %d", e.Bytes, maxStored)
}

// data is the content of a Secret that holds a record.
func data(r *Record) (map[string]any, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("encoding record: %w", err)
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed) // to memory: writes do not fail
	_, _ = w.Write(text)
	_ = w.Close()
	if packed.Len() > maxStored {
		return nil, &TooLarge{packed.Len()}
	}
	encode := base64.StdEncoding.EncodeToString
	return map[string]any{versionKey: encode([]byte(r.Version)), recordKey: encode(packed.Bytes())}, nil
}

// parse reads a record from its Secret.
func parse(o *unstructured.Unstructured) (*Record, error) {
	version, err := field(o, versionKey)
	if err != nil {
		return nil, err
	}
	if string(version) != Version {
		return nil, fmt.Errorf("it has the form %.40q, this meshctl knows %s only; use the meshctl that wrote it, or a newer one", version, Version)
	}
	packed, err := field(o, recordKey)
	if err != nil {
		return nil, err
	}
	unpacker, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("unpacking: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(unpacker, maxPlain))
	if err != nil {
		return nil, fmt.Errorf("unpacking: %w", err)
	}
	r := &Record{}
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("it holds no record: %w", withoutValues(err))
	}
	return r, nil
}

// withoutValues keeps an error of the decoder from quoting what it read.
func withoutValues(err error) error {
	if _, ok := err.(*json.UnmarshalTypeError); ok {
		return fmt.Errorf("a field has the wrong type")
	}
	return err
}

func field(o *unstructured.Unstructured, name string) ([]byte, error) {
	text, found, _ := unstructured.NestedString(o.Object, "data", name)
	if !found {
		return nil, fmt.Errorf("it has no field %s", name)
	}
	out, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("field %s: %w", name, err)
	}
	return out, nil
}
