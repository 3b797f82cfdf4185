package server

import (
	"context"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"strukturbild/internal/atlas"
	"strukturbild/internal/conflict"
	"strukturbild/internal/plan"
	"strukturbild/internal/portray"
	"strukturbild/internal/store"
)

// metrics are what Prometheus reads.
type metrics struct {
	registry  *prometheus.Registry
	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
	revisions prometheus.Counter
	standing  *prometheus.GaugeVec
}

func newMetrics(a *atlas.Atlas, st *store.Store, tiles *portray.Cache) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "strukturbild_http_requests_total",
			Help: "Requests by route, method and status."}, []string{"route", "method", "status"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "strukturbild_http_request_seconds",
			Help: "Time to answer by route.", Buckets: prometheus.ExponentialBuckets(0.0005, 2.5, 12)}, []string{"route"}),
		revisions: prometheus.NewCounter(prometheus.CounterOpts{Name: "strukturbild_revisions_made_total",
			Help: "Revisions that this node has made."}),
		standing: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "strukturbild_standing_conflicts",
			Help: "Standing conflicts by severity, when they were last computed."}, []string{"severity"}),
	}
	m.registry.MustRegister(jobCounts{a, st}, m.requests, m.durations, m.revisions, m.standing,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	gauge := func(name, help string, value func() float64) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
	}
	gauge("strukturbild_atlas_revision", "Revision that the atlas shows.", func() float64 { return float64(a.View().Revision()) })
	gauge("strukturbild_atlas_features", "Features in the atlas.", func() float64 {
		features := 0
		for _, s := range a.View().Snapshots() {
			features += s.Len()
		}
		return float64(features)
	})
	gauge("strukturbild_atlas_lag_seconds", "Seconds since the atlas last heard the database.", func() float64 {
		return time.Since(a.Health().Synced).Seconds()
	})
	gauge("strukturbild_tile_cache_bytes", "Bytes of tiles that are kept.", func() float64 { return float64(tiles.Bytes()) })
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "strukturbild_tiles_drawn_total",
		Help: "Layers of tiles that were drawn; the others were at hand."}, func() float64 { return float64(tiles.Drawn()) }))
	return m
}

// jobCounts asks the database, when it is there, how many jobs there are in each state.
type jobCounts struct {
	atlas *atlas.Atlas
	store *store.Store
}

var jobsMetric = prometheus.NewDesc("strukturbild_jobs", "Uploads by state, of all nodes, as long as they are kept.", []string{"state"}, nil)

// Describe is of prometheus.Collector.
func (jobCounts) Describe(to chan<- *prometheus.Desc) { to <- jobsMetric }

// Collect is of prometheus.Collector.
func (j jobCounts) Collect(to chan<- prometheus.Metric) {
	if away(j.atlas.Health()) {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	counts, err := j.store.CountJobs(ctx, "")
	if err != nil {
		return
	}
	for _, state := range []plan.JobState{plan.JobQueued, plan.JobRunning, plan.JobDone, plan.JobFailed, plan.JobCancelled} {
		to <- prometheus.MustNewConstMetric(jobsMetric, prometheus.GaugeValue, float64(counts[state]), string(state))
	}
}

func (m *metrics) request(c echo.Context, status int, took time.Duration) {
	route := c.Path()
	if route == "" {
		route = "unknown" // never the path itself: clients choose it without bound
	}
	m.requests.WithLabelValues(route, c.Request().Method, strconv.Itoa(status)).Inc()
	m.durations.WithLabelValues(route).Observe(took.Seconds())
}

func (m *metrics) handler() echo.HandlerFunc {
	return echo.WrapHandler(promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{DisableCompression: true}))
}

// conflicts notes how many stand, by severity.
func (m *metrics) conflicts(standing *conflict.Standing) {
	sums, err := standing.Summary(conflict.BySeverity, conflict.Filter{})
	if err != nil {
		return
	}
	for _, sum := range sums {
		m.standing.WithLabelValues(sum.Key).Set(float64(sum.Conflicts))
	}
}
