package plan

import (
	"context"
	"time"
)

// Ruleset is one version of the rules: what conflicts with what. A draft can be changed; a published version never is,
// so that figures that name it can be had again.
type Ruleset struct {
	ID         string       `json:"id" yaml:"id"`
	Version    int          `json:"version" yaml:"version"`
	Title      Text         `json:"title" yaml:"title"`
	Note       Text         `json:"note" yaml:"note"`
	Author     string       `json:"author" yaml:"author"`
	Date       string       `json:"date" yaml:"date"`
	Categories []Category   `json:"categories" yaml:"categories,omitempty"`
	Precedence []Precedence `json:"precedence" yaml:"precedence,omitempty"`
	Goals      []Goal       `json:"goals,omitempty" yaml:"goals,omitempty"`
	Sliver     Sliver       `json:"sliver" yaml:"sliver,omitempty"`                      // of the matrix
	Closeness  *Closeness   `json:"closeness,omitempty" yaml:"closeness,omitempty,flow"` // nil: that of the rules that the service is born with
	Lucis      []Preference `json:"lucis,omitempty" yaml:"lucis,omitempty"`              // none: those of the rules that the service is born with
	Symphony   *Symphony    `json:"symphony,omitempty" yaml:"symphony,omitempty"`        // nil: likewise
	Matrix     []Cell       `json:"matrix" yaml:"matrix,omitempty"`
	Rules      []Rule       `json:"rules" yaml:"rules"`
}

// Category is a row and a column of the matrix: a theme, or the part of it that a condition on its attributes (`it.kind
// == "road"`) picks out.
type Category struct {
	ID         string `json:"id" yaml:"id"`
	Title      Text   `json:"title" yaml:"title"`
	Theme      Theme  `json:"theme" yaml:"theme"`
	When       string `json:"when,omitempty" yaml:"when,omitempty"`
	LegalBasis Text   `json:"legal_basis" yaml:"legal_basis"` // what protects it as an interest
}

// Cell is the severity of a claim of one category that overlaps an interest of another. 0 is none. It holds where no
// rule covers the pair.
type Cell struct {
	Claim      string `json:"claim" yaml:"claim"`
	Interest   string `json:"interest" yaml:"interest"`
	Severity   int    `json:"severity" yaml:"severity"`
	Class      Class  `json:"class,omitempty" yaml:"class,omitempty"`
	Provenance `yaml:",inline"`
}

// Precedence says that one theme goes before others when both can't be met (MB 3:10). Conflicts with it rank first.
type Precedence struct {
	First      Theme   `json:"first" yaml:"first"`
	Before     []Theme `json:"before" yaml:"before,flow"`
	LegalBasis Text    `json:"legal_basis" yaml:"legal_basis"`
}

// Sliver is the overlap below which two data sources merely disagree about a border.
type Sliver struct {
	MinAreaM2  float64 `json:"min_area_m2" yaml:"min_area_m2"`
	MinLengthM float64 `json:"min_length_m" yaml:"min_length_m"`
}

// Closeness tells how close to a stop one interest that can be adapted to brings a place, by its severity: 0 not at all,
// 1 as far as a stop. Interests that overlap add up as probabilities do: 1 - (1-a)(1-b)...
type Closeness struct {
	Severity1 float64 `json:"severity_1" yaml:"severity_1"`
	Severity2 float64 `json:"severity_2" yaml:"severity_2"`
	Severity3 float64 `json:"severity_3" yaml:"severity_3"`
}

// Of gives the closeness of a severity.
func (c *Closeness) Of(severity int) float64 {
	switch severity {
	case 1:
		return c.Severity1
	case 2:
		return c.Severity2
	}
	return c.Severity3
}

// Ref names the version.
func (r *Ruleset) Ref() RulesetRef { return RulesetRef{ID: r.ID, Version: r.Version} }

// RulesetRecord is a version of a ruleset as it is kept.
type RulesetRecord struct {
	Ruleset     *Ruleset
	State       Status // Draft or Published
	Edit        int64  // grows with each change of a draft
	Created     time.Time
	Changed     time.Time
	ChangedBy   string
	Published   time.Time // zero for a draft
	PublishedBy string
}

// RulesetArchive keeps the versions of rulesets. The store answers it.
type RulesetArchive interface {
	// CurrentRuleset names the version that counts, and how often anything has changed; NotFound when there is none yet.
	CurrentRuleset(context.Context) (RulesetRef, int64, error)
	// RulesetVersion reads one version; NotFound.
	RulesetVersion(context.Context, RulesetRef) (*RulesetRecord, error)
	// FirstRuleset keeps the ruleset as published and current, when there is none.
	FirstRuleset(context.Context, *Ruleset) error
}
