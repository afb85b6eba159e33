// Package shapes has what encoding/json's rules for fields are about.
package shapes

import "time"

// All refers to every type of this package.
type All struct {
	Embedded Embedded
	Conflict Conflict
	Twice    Twice
	Beaten   Beaten
	Tree     Tree
	Values   Values
	Pair     Pair[string, Mode]
}

// Embedded has fields from everywhere.
type Embedded struct {
	Shared
	*Deep
	Left `json:"left"`
	hidden
	Text
	Own string `json:"own"`
}

type hidden struct {
	Shown   string `json:"shown"`
	unseen  string
	Ignored string `json:"-"`
	Dash    string `json:"-,"`
}

// Shared is embedded on several ways.
type Shared struct {
	Label string `json:"label,omitempty"`
	Size  uint32 `json:"size"`
}

// Text is embedded, yet no struct.
type Text string

// Deep hides a field of Deeper.
type Deep struct {
	Deeper
	Level string `json:"level"`
}

// Deeper is two levels down.
type Deeper struct {
	Level int `json:"level"`
	Below int `json:"below"`
}

// Left and Right have the same names at the same depth.
type Left struct {
	Both   string
	Tagged string `json:"tagged"`
	OnlyL  string
}

// Right is the other one.
type Right struct {
	Both   string
	Other  string `json:"tagged"`
	OnlyR  string
	Winner string
}

// Conflict has neither Both nor tagged.
type Conflict struct {
	Left
	Right
	Plain
}

// Plain has a name from a tag.
type Plain struct {
	Loser string `json:"Winner"`
}

// Beaten has one of its own that hides all others.
type Beaten struct {
	Left
	Right
	Both int
}

// Twice embeds one struct on two ways.
type Twice struct {
	First
	Second
}

// First is one way.
type First struct{ Shared }

// Second is the other.
type Second struct{ Shared }

// Tree is made of itself.
type Tree struct {
	*Node
	Children []Tree          `json:"children,omitempty"`
	ByName   map[string]Tree `json:"byName,omitempty"`
}

// Node embeds itself.
type Node struct {
	*Node
	Name string `json:"name"`
}

// Mode is one of its constants.
type Mode string

// The modes.
const (
	ModeFast Mode = "fast"
	ModeSafe Mode = "safe"
)

// Pair is generic.
type Pair[K comparable, V any] struct {
	Key   K   `json:"key"`
	Value *V  `json:"value,omitempty"`
	Rest  []V `json:"rest,omitempty"`
}

// Values has a field of every form.
type Values struct {
	Bool     bool
	Int8     int8              `json:"int8,omitempty"`
	Uint64   uint64            `json:"uint64,omitzero"`
	Float    float32           `json:"float"`
	Bytes    []byte            `json:"bytes,omitempty"`
	Quoted   *int64            `json:"quoted,string,omitempty"`
	Yes      bool              `json:"yes,string"`
	Strings  []string          `json:"strings,string"`
	Matrix   [2][3]int32       `json:"matrix"`
	Any      any               `json:"any"`
	Time     *time.Time        `json:"time,omitempty"`
	Wait     time.Duration     `json:"wait"`
	Labels   map[string]string `json:"labels,omitempty"`
	Ports    map[uint16]Shared `json:"ports,omitempty"`
	Keys     map[Key]bool      `json:"keys,omitempty"`
	Alias    Renamed           `json:"alias"`
	Mode     Mode              `json:"mode"`
	Untagged string
	Bad      string `json:"not\\a\"name"`
	Sign     string `json:"a$%-/ b"`
	Inline   Left   `json:",inline"`
	Skipped  func() `json:"-"`
	unseen   chan int
}

// Renamed is an alias.
type Renamed = Shared

// Key is written as text.
type Key struct{ A, B int }

// MarshalText makes Key a string.
func (k Key) MarshalText() ([]byte, error) { return []byte("key"), nil }

// UnmarshalText reads it.
func (k *Key) UnmarshalText(text []byte) error { return nil }
