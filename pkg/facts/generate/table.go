package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
)

// table is a file of tab-separated rows below one line of names. Rows keep
// their order; what is added is sorted in.
type table struct {
	file   string
	header string
	rows   [][]string
}

func readTable(path string) (*table, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading a table: %w", err)
	}
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	t := &table{file: path, header: lines[0]}
	width := strings.Count(lines[0], "\t") + 1
	for i, line := range lines[1:] {
		row := strings.Split(line, "\t")
		if len(row) != width {
			return nil, fmt.Errorf("%s:%d: %d columns, want %d", path, i+2, len(row), width)
		}
		t.rows = append(t.rows, row)
	}
	return t, nil
}

func (t *table) bytes() []byte {
	var out bytes.Buffer
	out.WriteString(t.header + "\n")
	for _, row := range t.rows {
		out.WriteString(strings.Join(row, "\t") + "\n")
	}
	return out.Bytes()
}

// add puts a row behind the last one that is not after it and belongs to the
// same group, which is named by the first columns.
func (t *table) add(group int, row []string) {
	at := len(t.rows)
	for i, r := range t.rows {
		switch same := slices.Equal(r[:group], row[:group]); {
		case same && slices.Compare(r, row) > 0:
			t.rows = slices.Insert(t.rows, i, row)
			return
		case same:
			at = i + 1
		}
	}
	t.rows = slices.Insert(t.rows, at, row)
}
