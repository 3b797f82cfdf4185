package wfs

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"strukturbild/internal/geo"
	"strukturbild/internal/ogc"
	"strukturbild/internal/plan"
)

// ActionKind is what an action does.
type ActionKind string

// The kinds of action. Native is nobody's here.
const (
	Insert  ActionKind = "Insert"
	Update  ActionKind = "Update"
	Replace ActionKind = "Replace"
	Delete  ActionKind = "Delete"
	native  ActionKind = "Native"
)

// Action is one thing that a transaction does: to one feature that it inserts, or to those that it names.
type Action struct {
	Kind       ActionKind
	Number     int    // among the actions, from 1; the features of one Insert share it
	Handle     string // its name to the client; may be empty
	Layer      string
	IDs        IDRule // of what is inserted
	element    *ogc.Element
	feature    *ogc.Element // of Insert and Replace
	srsName    string       // of geometries that name none; "" for the version's
	filter     *ogc.Element
	properties []*ogc.Element // of Update
}

// IDRule says what becomes of the id that an inserted feature has (04-094, 12.2.4.1).
type IDRule string

// The rules. Replacing duplicates gives a new id where the feature's is taken.
const (
	GenerateNew      IDRule = "GenerateNew"
	UseExisting      IDRule = "UseExisting"
	ReplaceDuplicate IDRule = "ReplaceDuplicate"
)

// MaxActions bounds the actions of a transaction; each feature that is inserted is one.
const MaxActions = 20_000

// actions reads what a transaction does.
func actions(root *ogc.Element) (list []Action, err error) {
	number := 0
	for _, e := range root.Children {
		if e.Name == "LockId" {
			continue
		}
		number++
		a := Action{Kind: ActionKind(e.Name), Number: number, Handle: attribute(e, "handle"), element: e, srsName: attribute(e, "srsName"), IDs: GenerateNew}
		if a.srsName == "" {
			a.srsName = attribute(root, "srsName") // 09-025r2, 15.2.3.1.3
		}
		read, err := a.read()
		if err != nil {
			return nil, a.Fault(err)
		}
		if list = append(list, read...); len(list) > MaxActions {
			return nil, plan.Errorf(plan.TooLarge, "", "the transaction has more than %d actions, which is the limit; send it in parts", MaxActions)
		}
	}
	return list, nil
}

// read parts an action into one for each feature that is inserted.
func (a Action) read() ([]Action, error) {
	if err := a.inputFormat(); err != nil {
		return nil, err
	}
	a.filter = a.element.Child("Filter")
	switch a.Kind {
	case Insert:
		return a.inserts()
	case Replace:
		return a.replace()
	case Update:
		a.Layer = local(attribute(a.element, "typeName"))
		for _, child := range a.element.Children {
			if child.Name == "Property" {
				a.properties = append(a.properties, child)
			}
		}
		if len(a.properties) == 0 {
			return nil, faultf(MissingParameterValue, "Property", "the action names no property to change")
		}
	case Delete:
		a.Layer = local(attribute(a.element, "typeName"))
		if a.filter == nil { // 09-025r2, 15.2.8: it must be there
			return nil, faultf(MissingParameterValue, "filter", "the action has no filter that says what to delete")
		}
	case native:
		return a.native()
	default:
		return nil, faultf(OperationParsingFailed, "", "there is no action %q; the actions are Insert, Update, Replace and Delete", clip(a.element.Name))
	}
	if a.Layer == "" {
		return nil, faultf(MissingParameterValue, "typeName", "the attribute typeName is missing: name the layer")
	}
	return []Action{a}, nil
}

// inputFormat refuses another format than GML (09-025r2, 7.6.5.4).
func (a Action) inputFormat() error {
	name := attribute(a.element, "inputFormat")
	format, known := formats[strings.ToLower(strings.ReplaceAll(name, " ", ""))]
	if name == "" || known && format.GML != nil || strings.HasPrefix(name, "x-application/gml") || name == "text/xml" || name == "application/gml+xml" {
		return nil
	}
	return faultf(InvalidParameterValue, "inputFormat", "features are read as GML only, not as %q", clip(name))
}

// native lets be what may be ignored (09-025r2, 15.2.9).
func (a Action) native() ([]Action, error) {
	if safe := strings.TrimSpace(attribute(a.element, "safeToIgnore")); safe == "true" || safe == "1" {
		return nil, nil
	}
	return nil, faultf(InvalidParameterValue, "vendorId", "there are no native actions here, and %q is not safe to ignore", clip(attribute(a.element, "vendorId")))
}

func (a Action) inserts() (list []Action, err error) {
	if rule := attribute(a.element, "idgen"); rule != "" {
		a.IDs = IDRule(rule)
	}
	if !slices.Contains([]IDRule{GenerateNew, UseExisting, ReplaceDuplicate}, a.IDs) {
		return nil, faultf(InvalidParameterValue, "idgen", "idgen is %q; it must be %s, %s or %s", clip(string(a.IDs)), GenerateNew, UseExisting, ReplaceDuplicate)
	}
	for _, feature := range features(a.element) {
		a.Layer, a.feature = feature.Name, feature
		list = append(list, a)
	}
	if len(list) == 0 {
		return nil, faultf(MissingParameterValue, "", "the action inserts no feature")
	}
	return list, nil
}

// features gives those in an Insert, or in a collection in it.
func features(e *ogc.Element) (list []*ogc.Element) {
	for _, child := range e.Children {
		switch child.Name {
		case "FeatureCollection", "member", "featureMember", "featureMembers":
			list = append(list, features(child)...)
		case "boundedBy":
		default:
			list = append(list, child)
		}
	}
	return list
}

func (a Action) replace() ([]Action, error) {
	for _, child := range a.element.Children {
		if child != a.filter {
			a.Layer, a.feature = child.Name, child
		}
	}
	if a.feature == nil || a.filter == nil { // 09-025r2, 15.2.7
		return nil, faultf(MissingParameterValue, "filter", "the action needs a feature, and a filter that says which one it replaces")
	}
	return []Action{a}, nil
}

// Fault tells in which action something is wrong, whose name is the place (09-025r2, 15.4).
func (a Action) Fault(err error) error {
	known, is := errors.AsType[*plan.Error](err)
	if !is || known.Code == plan.Unavailable || known.Code == plan.Internal {
		return err
	}
	locator := a.Handle
	if locator == "" {
		locator = known.Locator
	}
	return &Fault{ExceptionOf(err, known.Code), plan.Errorf(known.Code, locator, "%s: %s", a, known.Message).WithFindings(known.Findings...)}
}

// String names the action to people.
func (a Action) String() string {
	name := ""
	if a.Handle != "" {
		name = fmt.Sprintf(" %q", clip(a.Handle))
	}
	return fmt.Sprintf("action %d (%s%s, line %d)", a.Number, a.Kind, name, a.element.Line)
}

// Named gives the ids that the action's filter names, each with all that it may mean in the layer; false when it is another filter.
func (a Action) Named() (ids [][]string, only bool) {
	if a.filter == nil {
		return nil, false
	}
	names, only := a.filter.FeatureNames()
	for _, name := range names {
		ids = append(ids, ogc.FeatureIDs(a.Layer, name))
	}
	return ids, only
}

// Where gives the condition of the features that the action is for; nil is all.
func (a Action) Where(version Version, layer *plan.Layer) (plan.Expression, error) {
	return Query{Filter: a.filter}.filter(version, layer)
}

// gml reads the geometries of the action. The version says more than the name of a system does: of 1.0.0 easting comes first
// always, since QGIS writes it so under names that say otherwise (02-058 knows no other order).
func (a Action) gml(version Version) (ogc.GMLReader, error) {
	reader := ogc.GMLReader{Unnamed: version.DefaultSystem().CRS, EastFirst: version == V100, MaxVertices: maxVertices}
	if a.srsName == "" {
		return reader, nil
	}
	crs, err := geo.ParseCRS(a.srsName)
	reader.Unnamed = crs
	return reader, as(InvalidParameterValue, "srsName", err)
}

// maxVertices bounds a geometry, as in files.
const maxVertices = 1_000_000
