package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"strukturbild/internal/plan"
)

// The last digits of a figure depend on the order in which it was added up, and so may differ between nodes. What is
// frozen is therefore rounded, by what the figure's name says that it is.
const (
	hectareDecimals    = 4 // a square metre
	metreDecimals      = 1
	coordinateDecimals = 2
	otherDecimals      = 6 // shares, and what rules read
)

// canonical gives the content in rounded figures, in the one form that JSON has of it (RFC 8785), and its SHA-256.
func canonical(content any) (text []byte, hash string, err error) {
	raw, err := json.Marshal(content)
	if err != nil {
		return nil, "", err
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber() // integers stay what they are
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return nil, "", err
	}
	if tree, err = rounded("", tree); err != nil {
		return nil, "", err
	}
	if text, err = json.Marshal(tree); err != nil {
		return nil, "", err
	}
	value := jsontext.Value(text)
	if err := value.Canonicalize(); err != nil {
		return nil, "", fmt.Errorf("the content has no canonical form: %w", err)
	}
	return value, hashOf(value), nil
}

func hashOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// rounded gives a value of JSON with its numbers rounded as their name wants it.
func rounded(name string, value any) (any, error) {
	var err error
	switch v := value.(type) {
	case map[string]any:
		for key := range v {
			if v[key], err = rounded(key, v[key]); err != nil {
				return nil, err
			}
		}
	case []any:
		for i := range v {
			if v[i], err = rounded(name, v[i]); err != nil {
				return nil, err
			}
		}
	case json.Number:
		if !strings.ContainsAny(v.String(), ".eE") {
			return v, nil
		}
		number, err := v.Float64()
		return round(number, decimals(name)), err
	}
	return value, nil
}

func decimals(name string) int {
	switch {
	case strings.HasSuffix(name, "_ha"):
		return hectareDecimals
	case strings.HasSuffix(name, "_m"):
		return metreDecimals
	case name == "coordinates":
		return coordinateDecimals
	}
	return otherDecimals
}

// round rounds half away from zero, and never to a negative zero.
func round(v float64, decimals int) float64 {
	scale := math.Pow10(decimals)
	return math.Round(v*scale)/scale + 0
}

// thaw reads a frozen content.
func thaw(text []byte) (*plan.ReportContent, error) {
	content := new(plan.ReportContent)
	if err := json.Unmarshal(text, content); err != nil {
		return nil, fmt.Errorf("a frozen report can't be read: %w", err)
	}
	return content, nil
}
