package server

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"strukturbild/internal/plan"
)

const (
	api           = "/api/v1"
	uploadPath    = api + "/layers/:layer/uploads"
	tusPath       = api + "/uploads/:id"
	eventsPath    = api + "/jobs/:id/events"
	pullPath      = api + "/sources/:source/pull"
	exportPath    = api + "/layers/:layer/export"
	stackPath     = api + "/stack/export"
	turnPath      = api + "/stack/compare"
	lucisPath     = api + "/lucis/export"
	symphonyPath  = api + "/symphony/export"
	conflictsPath = api + "/conflicts"
	comparePath   = api + "/conflicts/compare"
	reportPath    = api + "/reports/:id"

	strukturbildExportPath = api + "/strukturbilder/:id/export"
)

// route is one line of the table of everything that is served.
type route struct {
	method  string
	path    string
	role    plan.Role // the least that it takes
	handler echo.HandlerFunc
}

// routes is the table. A test holds it against the contract: every operation is here, and with the same role.
func (s *Server) routes() []route {
	const get, post, put, patch, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete
	rest, part4 := s.restEditing(), s.ogcEditing()
	return []route{
		{get, "/", plan.Anonymous, s.getRoot},
		{get, "/style.css", plan.Anonymous, s.getStylesheet},
		{get, "/healthz", plan.Anonymous, s.getHealth},
		{get, "/readyz", plan.Anonymous, s.getReady},
		{get, "/metrics", plan.Anonymous, s.metrics.handler()},

		{get, api, plan.Anonymous, s.getIndex},
		{get, api + "/openapi.json", plan.Anonymous, s.getContract},
		{get, api + "/whoami", plan.Viewer, s.getWhoami},
		{get, api + "/layers", plan.Anonymous, s.getLayers},
		{post, api + "/layers", plan.Officer, s.postLayer},
		{get, api + "/layers/:layer", plan.Anonymous, s.getLayer},
		{patch, api + "/layers/:layer", plan.Officer, s.patchLayer},
		{del, api + "/layers/:layer", plan.Officer, s.deleteLayer},
		{get, api + "/layers/:layer/features", plan.Anonymous, s.getFeatures},
		{post, api + "/layers/:layer/features", plan.Officer, rest.create},
		{get, api + "/layers/:layer/features/:id", plan.Anonymous, s.getFeature},
		{put, api + "/layers/:layer/features/:id", plan.Officer, rest.replace},
		{patch, api + "/layers/:layer/features/:id", plan.Officer, rest.update},
		{del, api + "/layers/:layer/features/:id", plan.Officer, rest.remove},
		{get, api + "/layers/:layer/features/:id/versions", plan.Anonymous, s.getVersions},
		{post, uploadPath, plan.Officer, s.postUpload},
		{http.MethodOptions, api + "/uploads", plan.Officer, s.tus(s.tusOptions)},
		{post, api + "/uploads", plan.Officer, s.tus(s.tusCreate)},
		{get, tusPath, plan.Officer, s.tus(s.tusGet)},
		{patch, tusPath, plan.Officer, s.tus(s.tusPatch)},
		{del, tusPath, plan.Officer, s.tus(s.tusDelete)},
		{get, api + "/jobs", plan.Viewer, s.getJobs},
		{get, api + "/jobs/:id", plan.Viewer, s.getJob},
		{del, api + "/jobs/:id", plan.Officer, s.deleteJob},
		{get, eventsPath, plan.Viewer, s.getJobEvents},
		{get, api + "/jobs/:id/findings", plan.Viewer, s.getFindings},
		{get, exportPath, plan.Anonymous, s.getExport},
		{get, api + "/layers/:layer/revisions", plan.Anonymous, s.getLayerRevisions},
		{get, api + "/layers/:layer/diff", plan.Anonymous, s.getDiff},
		{post, api + "/layers/:layer/rollback", plan.Officer, s.postRollback},
		{get, api + "/layers/:layer/checksum", plan.Anonymous, s.getChecksum},
		{get, api + "/revisions", plan.Viewer, s.getRevisions},
		{get, api + "/changes", plan.Anonymous, s.getChanges},
		{post, api + "/webhooks", plan.Officer, s.postWebhook},
		{get, api + "/webhooks", plan.Officer, s.getWebhooks},
		{get, api + "/webhooks/:id", plan.Officer, s.getWebhook},
		{del, api + "/webhooks/:id", plan.Officer, s.deleteWebhook},
		{post, api + "/webhooks/:id/test", plan.Officer, s.postWebhookTest},
		{get, api + "/webhooks/:id/deliveries", plan.Officer, s.getDeliveries},
		{get, api + "/revisions/:revision", plan.Viewer, s.getRevision},
		{get, api + "/sources", plan.Viewer, s.getSources},
		{get, api + "/sources/:source", plan.Viewer, s.getSource},
		{post, pullPath, plan.Officer, s.postPull},
		{get, api + "/sources/:source/pulls/:id", plan.Viewer, s.getPull},
		{del, api + "/sources/:source/pulls/:id", plan.Officer, s.deletePull},
		{get, api + "/dcat", plan.Anonymous, s.getDCAT},
		{get, api + "/kommun", plan.Anonymous, s.getKommuner},
		{get, api + "/kommun/:kommunkod", plan.Anonymous, s.getKommun},
		{get, api + "/kommunalforbund", plan.Anonymous, s.getKommunalforbunds},
		{get, api + "/kommunalforbund/:id", plan.Anonymous, s.getKommunalforbund},
		{post, conflictsPath, plan.Anonymous, s.postConflicts},
		{get, conflictsPath, plan.Anonymous, s.getConflicts},
		{get, api + "/conflicts/:id", plan.Anonymous, s.getConflict},
		{get, api + "/conflicts/summary", plan.Anonymous, s.getConflictSummary},
		{get, comparePath, plan.Anonymous, s.getComparison},
		{get, api + "/stack", plan.Anonymous, s.getStack},
		{get, api + "/stack/combinations", plan.Anonymous, s.getStackCombinations},
		{get, api + "/stack/at", plan.Anonymous, s.getStackAt},
		{get, stackPath, plan.Anonymous, s.getStackExport},
		{get, turnPath, plan.Anonymous, s.getStackComparison},
		{get, api + "/lucis", plan.Anonymous, s.getLucis},
		{get, api + "/lucis/at", plan.Anonymous, s.getLucisAt},
		{get, lucisPath, plan.Anonymous, s.exportClasses("lucis")},
		{get, api + "/symphony", plan.Anonymous, s.getSymphony},
		{get, api + "/symphony/at", plan.Anonymous, s.getSymphonyAt},
		{get, symphonyPath, plan.Anonymous, s.exportClasses("symphony")},
		{post, api + "/reports", plan.Planner, s.postReport},
		{get, api + "/reports", plan.Anonymous, s.getReports},
		{get, reportPath, plan.Anonymous, s.getReport},
		{del, reportPath, plan.Planner, s.deleteReport},
		{get, api + "/strukturbilder", plan.Anonymous, s.getStrukturbilder},
		{post, api + "/strukturbilder", plan.Planner, s.postStrukturbild},
		{get, api + "/strukturbilder/:id", plan.Anonymous, s.getStrukturbild},
		{patch, api + "/strukturbilder/:id", plan.Planner, s.patchStrukturbild},
		{del, api + "/strukturbilder/:id", plan.Planner, s.deleteStrukturbild},
		{post, api + "/strukturbilder/:id/steps", plan.Planner, s.postStrukturbildStep},
		{get, strukturbildExportPath, plan.Anonymous, s.getStrukturbildExport},
		{get, api + "/rulesets", plan.Anonymous, s.getRulesets},
		{get, api + "/rulesets/:id", plan.Anonymous, s.getRuleset},
		{get, api + "/rulesets/:id/versions", plan.Anonymous, s.getRulesetVersions},
		{post, api + "/rulesets/:id/versions", plan.Planner, s.postRulesetVersion},
		{get, api + "/rulesets/:id/versions/:version", plan.Anonymous, s.getRulesetVersion},
		{put, api + "/rulesets/:id/versions/:version", plan.Planner, s.putRulesetVersion},
		{patch, api + "/rulesets/:id/versions/:version", plan.Planner, s.patchRulesetVersion},
		{del, api + "/rulesets/:id/versions/:version", plan.Planner, s.deleteRulesetVersion},
		{get, api + "/rulesets/:id/versions/:version/diff", plan.Anonymous, s.getRulesetDiff},
		{post, api + "/rulesets/:id/versions/:version/validate", plan.Viewer, s.postRulesetValidate},
		{post, api + "/rulesets/:id/versions/:version/preview", plan.Viewer, s.postRulesetPreview},
		{post, api + "/rulesets/:id/versions/:version/publish", plan.Planner, s.postRulesetPublish},
		{post, api + "/rulesets/:id/versions/:version/current", plan.Planner, s.postRulesetCurrent},

		{get, wfsPath, plan.Anonymous, s.getWFS},
		{post, wfsPath, plan.Anonymous, s.postWFS},

		{get, "/ogc", plan.Anonymous, s.getLanding},
		{get, "/ogc/api", plan.Anonymous, s.getOGCAPI},
		{get, "/ogc/conformance", plan.Anonymous, s.getConformance},
		{get, "/ogc/collections", plan.Anonymous, s.getCollections},
		{get, "/ogc/collections/:layer", plan.Anonymous, s.getCollection},
		{get, "/ogc/collections/:layer/schema", plan.Anonymous, s.getSchema},
		{get, "/ogc/collections/:layer/queryables", plan.Anonymous, s.getQueryables},
		{get, "/ogc/collections/:layer/sortables", plan.Anonymous, s.getSortables},
		{get, "/ogc/collections/:layer/schema.xsd", plan.Anonymous, s.getXSD},
		{get, "/ogc/collections/:layer/items", plan.Anonymous, s.getItems},
		{get, "/ogc/collections/:layer/tiles", plan.Anonymous, s.getTileSets},
		{get, "/ogc/collections/:layer/tiles/:grid", plan.Anonymous, s.getTileSet},
		{get, "/ogc/collections/:layer/tiles/:grid/:zoom/:row/:column", plan.Anonymous, s.getTile},
		{get, "/ogc/tiles", plan.Anonymous, s.getTileSets},
		{get, "/ogc/tiles/:grid", plan.Anonymous, s.getTileSet},
		{get, "/ogc/tiles/:grid/:zoom/:row/:column", plan.Anonymous, s.getTile},
		{get, "/ogc/tileMatrixSets", plan.Anonymous, s.getTileMatrixSets},
		{get, "/ogc/tileMatrixSets/:grid", plan.Anonymous, s.getTileMatrixSet},
		{post, "/ogc/collections/:layer/items", plan.Officer, part4.create},
		{get, "/ogc/collections/:layer/items/:id", plan.Anonymous, s.getItem},
		{put, "/ogc/collections/:layer/items/:id", plan.Officer, part4.replace},
		{patch, "/ogc/collections/:layer/items/:id", plan.Officer, part4.update},
		{del, "/ogc/collections/:layer/items/:id", plan.Officer, part4.remove},
	}
}

// route registers the table; every GET answers HEAD too, and every address OPTIONS.
func (s *Server) route() {
	routes := s.routes()
	for _, r := range routes {
		var chain []echo.MiddlewareFunc
		if (method{r.method, r.role}).writes() {
			chain = append(chain, s.onlyStored)
		}
		chain = append(chain, need(r.role))
		if s.contract.covers(r.path) {
			chain = append(chain, s.contract.validate)
		}
		s.echo.Add(r.method, r.path, r.handler, chain...)
		if r.method == http.MethodGet {
			s.echo.Add(http.MethodHead, r.path, r.handler, chain...)
		}
	}
	s.methods = methodsOf(routes)
	for path, known := range s.methods {
		if last := known[len(known)-1]; last.name == http.MethodOptions && last.role == plan.Anonymous {
			s.echo.Add(http.MethodOptions, path, s.tellMethods)
		}
	}
}
