package ingest

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"strukturbild/internal/plan"
)

// rule is a fault that a file can have: its machine-readable name and its sentence in both languages, which take the
// same arguments in the same order and get their full stop last. The faults of validity have theirs in package geo.
// What a rule is used for says whether it is a fault, which refuses the feature, or a notice, which does not.
type rule struct{ name, sv, en string }

// The faults of the body as a whole.
var (
	malformed = rule{"malformed_json",
		"Ogiltig JSON på rad %d, kolumn %d (byte %d): %s",
		"Malformed JSON at line %d, column %d (byte %d): %s"}
	truncated = rule{"truncated",
		"Filen är avbruten: den tar slut efter %d byte. Skicka hela filen",
		"The body is cut off: it ends after %d bytes. Send the whole file"}
	trailing = rule{"trailing_data",
		"Det finns mer data efter slutet (byte %d). Här ska bara ett objekt eller en FeatureCollection stå",
		"There is more data after the end (byte %d). Only one object or FeatureCollection may stand here"}
	notGeoJSON = rule{"not_geojson",
		"Det här är inte GeoJSON: %s",
		"This is not GeoJSON: %s"}
	crsUnknown = rule{"crs_unknown",
		"Koordinatsystemet %q är okänt. Använd ett av %s",
		"The coordinate system %q is unknown. Use one of %s"}
	crsConflict = rule{"crs_conflict",
		"Filen anger koordinatsystemet %s men anropet anger %s. Rätta det som är fel, eller låt anropet gälla med ignore_file_crs=true",
		"The file says coordinate system %s but the request says %s. Correct the one that is wrong, or let the request's hold with ignore_file_crs=true"}
	crsFeature = rule{"crs_conflict",
		"Objektet anger koordinatsystemet %s men filen läses i %s",
		"The feature says coordinate system %s but the file is read in %s"}
	crsMember = rule{"crs_unreadable",
		"Medlemmen crs kan inte läsas: den ska se ut som {\"type\":\"name\",\"properties\":{\"name\":\"EPSG:3006\"}}",
		"The crs member can't be read: it must look like {\"type\":\"name\",\"properties\":{\"name\":\"EPSG:3006\"}}"}
	tooManyFeatures = rule{"too_many_features",
		"Filen har fler än %d objekt, som är gränsen. Dela upp den",
		"The file has more than %d features, which is the limit. Split it"}
	tooLongFeature = rule{"feature_too_large",
		"Ett objekt (eller en annan del av filen) är längre än %d byte, som är gränsen. Dela upp geometrin",
		"A feature (or another part of the file) is longer than %d bytes, which is the limit. Split its geometry"}
	moreFaults = rule{"more_findings",
		"Alla fel visas inte: det finns %d till",
		"Not every fault is shown: there are %d more"}
)

// The faults of a feature.
var (
	notFeature = rule{"not_a_feature",
		"Det här är inte ett Feature-objekt: %s",
		"This is not a Feature object: %s"}
	idInvalid = rule{"id_invalid",
		"Id (%s) är ogiltigt: det ska vara ett heltal eller en text på högst 128 tecken med bokstäver, siffror och _ . : -, som börjar med bokstav, siffra eller _",
		"The id (%s) is not usable: it must be an integer or a string of at most 128 letters, digits and _ . : -, beginning with a letter, a digit or _"}
	idMissing = rule{"id_missing",
		"Objektet har inget id i kolumnen %q",
		"The feature has no id in the column %q"}
	idDuplicate = rule{"id_duplicate",
		"Id %q finns redan på objekt %d i samma fil",
		"The id %q is already that of feature %d in the same file"}
)

// The faults of attributes.
var (
	attributeUnknown = rule{"attribute_unknown",
		"Lagret %s har inget attribut %q%s",
		"The layer %s has no attribute %q%s"}
	attributeType = rule{"attribute_type",
		"Attributet %q ska vara %s men är %s",
		"The attribute %q must be %s but is %s"}
	attributeRange = rule{"attribute_range",
		"Attributet %q har värdet %s, som är för stort eller inte kan återges exakt",
		"The attribute %q has the value %s, which is too large or can't be kept exactly"}
	attributeCode = rule{"attribute_code",
		"Attributet %q har värdet %q, som inte finns i kodlistan (%s)%s",
		"The attribute %q has the value %q, which is not in its code list (%s)%s"}
	attributeRequired = rule{"attribute_required",
		"Attributet %q saknas men måste ha ett värde",
		"The attribute %q is missing but must have a value"}
	attributeLength = rule{"attribute_length",
		"Attributet %q har %d tecken; gränsen är %d",
		"The attribute %q has %d characters; the limit is %d"}
	attributeTwice = rule{"attribute_twice",
		"Attributet %q fås från två kolumner. Välj en med map",
		"The attribute %q comes from two columns. Choose one with map"}
	attributeCoerced = rule{"attribute_coerced",
		"Attributet %q är skrivet på annat sätt i filen och lästes som %s (%d värden)",
		"The attribute %q is written otherwise in the file and was read as %s (%d values)"}
	attributeAbsent = rule{"attribute_absent",
		"Filen har inget värde på attributet %q, som anropet kräver (require)",
		"The file has no value of the attribute %q, which the request requires (require)"}
	columnsIgnored = rule{"columns_ignored",
		"Kolumner som lagret inte har togs inte med: %s",
		"Columns that the layer does not have were left out: %s"}
	columnAbsent = rule{"column_absent",
		"Kolumnen %q i map finns inte i filen",
		"The column %q of map is not in the file"}
	attributeUTF8 = rule{"attribute_utf8",
		"Attributet %q är inte UTF-8: filen säger fel teckenkodning",
		"The attribute %q is not UTF-8: the file says the wrong encoding"}
	attributeNUL = rule{"attribute_nul",
		"Attributet %q har ett NUL-tecken (U+0000), som inte kan lagras",
		"The attribute %q has a NUL character (U+0000), which can't be stored"}
)

// The faults of geometries.
var (
	geometryMissing = rule{"geometry_missing",
		"Objektet saknar geometri. Lagret %s kräver en",
		"The feature has no geometry. The layer %s needs one"}
	geometryUnexpected = rule{"geometry_unexpected",
		"Objektet har en geometri, men lagret %s är en tabell utan geometri",
		"The feature has a geometry, but the layer %s is a table without geometry"}
	geometryEmpty = rule{"empty_geometry",
		"Geometrin är tom: den har inga koordinater",
		"The geometry is empty: it has no coordinates"}
	geometryType = rule{"geometry_type",
		"Geometrin är av typen %s men ska vara %s",
		"The geometry is a %s but must be %s"}
	geometryUnreadable = rule{"geometry_unreadable",
		"Geometrin kan inte läsas: %s",
		"The geometry can't be read: %s"}
	positionInvalid = rule{"position_invalid",
		"En punkt ska vara två tal (x, y) eller tre (x, y, z), men här står: %s",
		"A position must be two numbers (x, y) or three (x, y, z), but here is: %s"}
	nonFinite = rule{"non_finite",
		"Koordinaten %s är inget tal, eller ett för stort",
		"The coordinate %s is no number, or one that is too large"}
	tooFewPoints = rule{"too_few_points",
		"%s har %d punkter men behöver minst %d",
		"%s has %d positions but needs at least %d"}
	ringNotClosed = rule{"ring_not_closed",
		"Ringen är inte sluten: första punkten är (%s) och sista (%s). repair=true sluter den",
		"The ring is not closed: its first position is (%s) and its last (%s). repair=true closes it"}
	tooManyVertices = rule{"too_many_vertices",
		"Geometrin har fler än %d brytpunkter, som är gränsen. Dela upp eller förenkla den",
		"The geometry has more than %d vertices, which is the limit. Split or simplify it"}
	outsideWorld = rule{"outside_world",
		"Punkten (%s) finns inte i %s%s",
		"The position (%s) does not exist in %s%s"}
	outsideRegion = rule{"outside_region",
		"Punkten (%s) i %s ligger utanför regionen%s",
		"The position (%s) in %s lies outside the region%s"}
	zDropped = rule{"z_dropped",
		"Höjdvärden (z) togs bort från %d objekt: lagren är i två dimensioner",
		"Heights (z) were dropped from %d features: layers have two dimensions"}
	mDropped = rule{"m_dropped",
		"Mätvärden (m) togs bort från %d objekt: lagren är i två dimensioner",
		"Measures (m) were dropped from %d features: layers have two dimensions"}
)

// What is told of a geometry that is taken: its rules are those of geo.Oddities, and the repair.
var (
	duplicateVertex = rule{"duplicate_vertex",
		"Hörn upprepas: %d stycken%s. repair=true tar bort dem",
		"Vertices are repeated: %d of them%s. repair=true removes them"}
	narrowSpike = rule{"narrow_spike",
		"Spetsar som är smalare än 0,25 m och 0,5 grader: %d stycken%s. repair=true tar bort dem",
		"Spikes narrower than 0.25 m and 0.5 degrees: %d of them%s. repair=true removes them"}
	sliver = rule{"sliver",
		"Flisor, i medeltal smalare än %s m: %d stycken%s",
		"Slivers, narrower than %s m on average: %d of them%s"}
	repaired = rule{"repaired",
		"Geometrin lagades: %s%s",
		"The geometry was repaired: %s%s"}
	ringOrder = rule{"ring_order",
		"Ringarna i %d objekt gick åt fel håll (RFC 7946 avsnitt 3.1.6) och vändes",
		"The rings of %d features ran the wrong way (RFC 7946 section 3.1.6) and were turned"}
	promoted = rule{"promoted",
		"Filen har både enkla (%d) och sammansatta (%d) geometrier; alla lagras som sammansatta",
		"The file has both single (%d) and multiple (%d) geometries; all are kept as multiple"}
	moreNotices = rule{"more_notices",
		"Alla meddelanden av slaget %s visas inte: det finns %d till",
		"Not every notice of the kind %s is shown: there are %d more"}

	oddTexts = map[string]rule{duplicateVertex.name: duplicateVertex, narrowSpike.name: narrowSpike, sliver.name: sliver}
)

// notice is finding for what refuses nothing.
func (r rule) notice(args ...any) plan.Finding {
	f := r.finding(args...)
	f.Notice = true
	return f
}

// finding fills the sentences. An argument of type plan.Text gives each sentence its own language.
func (r rule) finding(args ...any) plan.Finding {
	sv, en := make([]any, len(args)), make([]any, len(args))
	for i, arg := range args {
		sv[i], en[i] = arg, arg
		if text, ok := arg.(plan.Text); ok {
			sv[i], en[i] = text.SV, text.EN
		}
	}
	return plan.Finding{Rule: r.name, Message: sentences(plan.Text{SV: fmt.Sprintf(r.sv, sv...), EN: fmt.Sprintf(r.en, en...)})}
}

// sentences begins and ends the text as sentences do.
func sentences(t plan.Text) plan.Text {
	sentence := func(s string) string {
		first, n := utf8.DecodeRuneInString(s)
		s = string(unicode.ToUpper(first)) + s[n:]
		if strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?") {
			return s
		}
		return s + "."
	}
	return plan.Text{SV: sentence(t.SV), EN: sentence(t.EN)}
}
