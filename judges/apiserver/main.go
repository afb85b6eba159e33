// Judges custom resources and their definitions by the API server's own code.
//
// Usage: apiserver-judge [--status] --crds FILE_OR_FOLDER... < REQUESTS
//
// Every line of standard input is a JSON request:
//
//	{"id": "any text", "object": {…}}               create the object
//	{"id": "…", "text": "apiVersion: …\n"}          the same, from YAML or JSON as a client sends it
//	{"id": "…", "object": {…}, "old": {…}}          update old to object
//	{"id": "…", "object": {…}, "old": {…}, "subresource": "status"}   the status alone
//
// and is answered by a line on standard output:
//
//	{"id": "…", "valid": false, "errors": [{"type": "FieldValueInvalid", "field": "spec.size", "detail": "…"}],
//	 "unknown": ["unknown field \"spec.sise\""], "object": {…}}
//
// "errors" are what the server finds in the decoded and defaulted object, "unknown" what strict field
// validation refuses, "failed" what cannot be decoded at all; valid is that there is none of them.
//
// With --check-crds the answer for each definition is printed instead, and no requests are read; with
// --estimates also what each of its rules and messages may cost.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
)

type request struct {
	ID     string          `json:"id"`
	Object json.RawMessage `json:"object,omitempty"`
	Text   string          `json:"text,omitempty"`
	Old    json.RawMessage `json:"old,omitempty"`

	Subresource string `json:"subresource,omitempty"`
}

type answer struct {
	ID      string         `json:"id"`
	Valid   bool           `json:"valid"`
	Failed  string         `json:"failed,omitempty"`
	Unknown []string       `json:"unknown,omitempty"`
	Errors  []fieldError   `json:"errors,omitempty"`
	Object  map[string]any `json:"object,omitempty"`

	Estimates []estimate `json:"estimates,omitempty"`
}

type fieldError struct {
	Type   string `json:"type"`
	Field  string `json:"field"`
	Detail string `json:"detail"`
	// The error as the server prints it, with the value.
	Message string `json:"message"`
}

func main() {
	status := flag.Bool("status", false, "judge the status too, which a create request drops")
	checkCrds := flag.Bool("check-crds", false, "judge the definitions themselves")
	estimates := flag.Bool("estimates", false, "with --check-crds: also print what each rule may cost")
	var paths pathList
	flag.Var(&paths, "crds", "a file, or a folder of files, with CRDs; may be repeated")
	flag.Parse()
	if err := run(paths, *status, *checkCrds, *estimates, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(3)
	}
}

type pathList []string

func (p *pathList) String() string     { return strings.Join(*p, ",") }
func (p *pathList) Set(s string) error { *p = append(*p, s); return nil }

func run(paths []string, status, checkCrds, estimates bool, in io.Reader, out io.Writer) error {
	documents, err := readDocuments(paths)
	if err != nil {
		return err
	}
	output := bufio.NewWriter(out)
	defer output.Flush()
	encoder := json.NewEncoder(output)
	encoder.SetEscapeHTML(false)
	if checkCrds {
		for _, document := range documents {
			if err := encoder.Encode(judgeCrd(document, estimates)); err != nil {
				return err
			}
		}
		return nil
	}
	server := &apiServer{kinds: map[string]*kind{}}
	for _, document := range documents {
		if err := server.install(document, status); err != nil {
			return fmt.Errorf("%s: %w", document.name, err)
		}
	}
	lines := bufio.NewReaderSize(in, 1<<20)
	for {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			var asked request
			if err := json.Unmarshal(line, &asked); err != nil {
				return fmt.Errorf("a request is not JSON: %w", err)
			}
			if err := encoder.Encode(server.answer(context.Background(), asked)); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// A YAML document and where it came from.
type document struct {
	name string
	text []byte
}

func readDocuments(paths []string) ([]document, error) {
	var found []document
	for _, root := range paths {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			if ext := filepath.Ext(path); path != root && ext != ".yaml" && ext != ".yml" && ext != ".json" {
				return nil
			}
			documents, err := split(path)
			found = append(found, documents...)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	sort.SliceStable(found, func(a, b int) bool { return found[a].name < found[b].name })
	return found, nil
}

func split(path string) ([]document, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var found []document
	reader := utilyaml.NewYAMLReader(bufio.NewReader(file))
	for {
		text, err := reader.Read()
		if err == io.EOF {
			return found, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if len(bytes.TrimSpace(text)) > 0 && !onlyComments(text) {
			found = append(found, document{name: fmt.Sprintf("%s#%d", path, len(found)), text: text})
		}
	}
}

func onlyComments(text []byte) bool {
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if len(line) > 0 && line[0] != '#' && string(line) != "---" {
			return false
		}
	}
	return true
}
