// Says how encoding/json sees Go structs: prints, for each struct that the roots reach, which properties
// it has, of which kind each is, and which of them are required.
//
// The properties are the keys of a value whose fields are all set, as encoding/json writes it; nothing of
// its rules is repeated here. A property is required if neither omitempty nor omitzero stands in its tag.
//
// Usage: go_types > types.json
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	v1 "github.com/fatedier/frp/pkg/config/v1"

	"hermetic/judges/go_types/shapes"
)

// A struct, as encoding/json sees it.
type structure struct {
	Properties map[string]string `json:"properties"`
	Required   []string          `json:"required"`
}

type result struct {
	Structs map[string]structure `json:"structs"`
	// The types that may stand for an interface, by the struct that wraps it.
	Unions map[string][]string `json:"unions"`
}

func main() {
	found := result{Structs: map[string]structure{}, Unions: map[string][]string{}}
	for _, root := range []any{v1.ClientConfig{}, v1.ServerConfig{}, shapes.All{}} {
		found.visit(reflect.TypeOf(root))
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(found); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
}

// implementations are what FRP registers for each of its interfaces.
var implementations = map[reflect.Type][]any{
	reflect.TypeFor[v1.ProxyConfigurer](): {
		&v1.TCPProxyConfig{}, &v1.UDPProxyConfig{}, &v1.HTTPProxyConfig{}, &v1.HTTPSProxyConfig{},
		&v1.TCPMuxProxyConfig{}, &v1.STCPProxyConfig{}, &v1.XTCPProxyConfig{}, &v1.SUDPProxyConfig{},
	},
	reflect.TypeFor[v1.VisitorConfigurer](): {&v1.STCPVisitorConfig{}, &v1.XTCPVisitorConfig{}, &v1.SUDPVisitorConfig{}},
	reflect.TypeFor[v1.ClientPluginOptions](): {
		&v1.HTTP2HTTPSPluginOptions{}, &v1.HTTPProxyPluginOptions{}, &v1.HTTPS2HTTPPluginOptions{},
		&v1.HTTPS2HTTPSPluginOptions{}, &v1.HTTP2HTTPPluginOptions{}, &v1.Socks5PluginOptions{},
		&v1.StaticFilePluginOptions{}, &v1.UnixDomainSocketPluginOptions{}, &v1.TLS2RawPluginOptions{},
		&v1.VirtualNetPluginOptions{},
	},
	reflect.TypeFor[v1.VisitorPluginOptions](): {&v1.VirtualNetVisitorPluginOptions{}},
}

// visit follows a type to every struct that it reaches.
func (r *result) visit(t reflect.Type) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		r.visit(t.Elem())
	case reflect.Struct:
		r.visitStruct(t)
	}
}

func (r *result) visitStruct(t reflect.Type) {
	name := fullName(t)
	_, isStruct := r.Structs[name]
	_, isUnion := r.Unions[name]
	if isStruct || isUnion || t.Name() == "" {
		return
	}
	for i := range t.NumField() {
		if options, isUnion := implementations[t.Field(i).Type]; isUnion {
			r.visitUnion(name, options)
			return
		}
	}
	if writesItself(t) {
		return
	}
	r.Structs[name] = structureOf(t)
	for _, field := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		// The fields of an embedded struct are visible here themselves.
		if field.IsExported() && name != "-" && !(field.Anonymous && name == "") {
			r.visit(field.Type)
		}
	}
}

func (r *result) visitUnion(name string, options []any) {
	for _, option := range options {
		t := reflect.TypeOf(option).Elem()
		r.Unions[name] = append(r.Unions[name], fullName(t))
		r.visit(t)
	}
	slices.Sort(r.Unions[name])
}

func fullName(t reflect.Type) string {
	return t.PkgPath() + "." + t.Name()
}

func writesItself(t reflect.Type) bool {
	pointer := reflect.PointerTo(t)
	return pointer.Implements(reflect.TypeFor[json.Marshaler]()) || pointer.Implements(reflect.TypeFor[json.Unmarshaler]())
}

func structureOf(t reflect.Type) structure {
	value := reflect.New(t)
	fill(value.Elem(), 0)
	text, err := json.Marshal(value.Interface())
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", t, err)
		os.Exit(3)
	}
	var written map[string]any
	if err := json.Unmarshal(text, &written); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", t, err)
		os.Exit(3)
	}
	found := structure{Properties: map[string]string{}, Required: []string{}}
	for name, value := range written {
		found.Properties[name] = kind(value)
		if isRequired(t, name) {
			found.Required = append(found.Required, name)
		}
	}
	slices.Sort(found.Required)
	return found
}

// kind is the JSON type of a value that fill made: only floating point numbers have a fraction.
func kind(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case float64:
		if value != float64(int64(value)) {
			return "number"
		}
		return "integer"
	case []any:
		return "array"
	default:
		return "object"
	}
}

// isRequired looks at the tag of the field that has the name: of several the least deep one.
func isRequired(t reflect.Type, name string) bool {
	fields := reflect.VisibleFields(t)
	slices.SortStableFunc(fields, func(a, b reflect.StructField) int { return len(a.Index) - len(b.Index) })
	for _, field := range fields {
		tag, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if tag == name || (field.Name == name && (tag == "" || !isName(tag))) {
			list := strings.Split(options, ",")
			return !slices.Contains(list, "omitempty") && !slices.Contains(list, "omitzero")
		}
	}
	return false
}

// isName tells whether encoding/json takes a tag as a name; a backslash and a quote are no part of one.
func isName(tag string) bool {
	return !strings.ContainsAny(tag, "\\\"")
}

// How deep a type that refers to itself is filled.
const deepest = 6

// fill sets every field that can be set.
func fill(value reflect.Value, depth int) {
	if !value.CanSet() {
		return
	}
	switch value.Kind() {
	case reflect.Bool:
		value.SetBool(true)
	case reflect.String:
		value.SetString("text")
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		value.SetInt(1)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		value.SetUint(1)
	case reflect.Float32, reflect.Float64:
		value.SetFloat(1.5)
	default:
		if depth < deepest {
			fillParts(value, depth+1)
		}
	}
}

func fillParts(value reflect.Value, depth int) {
	switch value.Kind() {
	case reflect.Pointer:
		value.Set(reflect.New(value.Type().Elem()))
		fill(value.Elem(), depth)
	case reflect.Slice:
		value.Set(reflect.MakeSlice(value.Type(), 1, 1))
		fill(value.Index(0), depth)
	case reflect.Array:
		for i := range value.Len() {
			fill(value.Index(i), depth)
		}
	case reflect.Map:
		value.Set(reflect.MakeMap(value.Type()))
		key, element := reflect.New(value.Type().Key()).Elem(), reflect.New(value.Type().Elem()).Elem()
		fill(key, depth)
		fill(element, depth)
		value.SetMapIndex(key, element)
	case reflect.Struct:
		for i := range value.NumField() {
			fill(value.Field(i), depth)
		}
	case reflect.Interface:
		if options, known := implementations[value.Type()]; known {
			option := reflect.New(reflect.TypeOf(options[0]).Elem())
			fill(option.Elem(), depth)
			value.Set(option)
		} else if value.NumMethod() == 0 {
			value.Set(reflect.ValueOf("text"))
		}
	}
}
