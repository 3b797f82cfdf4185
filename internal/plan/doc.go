// Package plan holds the nouns and rules of the service and nothing else: what a layer, a feature, a revision, a
// change set, a query, a rule and a conflict are. It imports nothing of ours; every other package imports it.
//
// # Glossary
//
// Identifiers are English, except a noun that Swedish law or a public register defines. Such a noun stays Swedish,
// folded to ASCII, singular and uninflected, the same word in Go, SQL, JSON, URLs and GML:
//
//	Kommun            municipality, with its four-digit kommunkod (text: a leading zero is part of the code)
//	Kommunalforbund   association of municipalities; Västra Götaland has four
//	Lan               county (län); Västra Götaland is län 14
//	LaRegion          local labour market (lokal arbetsmarknad, SCB)
//	Tatort            settlement of at least 200 inhabitants (SCB)
//	Strukturbild      structure image: the shared, indicative picture of a region's structure
//	Riksintresse      national interest under the Environmental Code (miljöbalken, MB) chapters 3 and 4
//
// # Coordinates
//
// Inside the house every geometry is EPSG:3006 (SWEREF 99 TM), x = easting, y = northing, in metres. Other systems and
// axis orders exist only at the edge, in package geo.
package plan
