# make help lists what there is to make.

VERSION   ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
DATA_DIR  ?= $(shell scripts/data-dir.sh)
DEMO      ?= 2000
FUZZTIME  ?= 30000x

# staticcheck and not golangci-lint: it compiles in a third of the time, and
# the import arrow, which depguard would watch, is a test (internal/arrow_test.go)
# whose rules are themselves tested.
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

# The packages that start goroutines or share memory between them.
CONCURRENT = $(addprefix ./,$(sort $(dir $(shell grep -rlE --include='*.go' 'go func|"sync["/]' cmd internal))))

.DEFAULT_GOAL := help
.PHONY: help setup build run test lint race fuzz bench conformance clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

setup: ## Install what the machine lacks (asks for sudo when not root)
	@scripts/setup.sh

build: ## Build bin/strukturbild
	go build -trimpath -ldflags '-X main.version=$(VERSION)' -o bin/strukturbild ./cmd/strukturbild

run: setup build ## Start the service; DATA_DIR=dir, DATABASE_URL=url, DEMO=no or a number of synthetic features
	bin/strukturbild serve --data-dir '$(DATA_DIR)' --demo-when-empty $(DEMO:no=0)

test: ## Run all tests
	@scripts/setup.sh --test
	go test -timeout 30m ./...

lint: ## Check formatting, vet, staticcheck and the import arrow
	@unformatted=$$(gofmt -l $$(go list -f '{{.Dir}}' ./...)) && test -z "$$unformatted" || { echo "gofmt these: $$unformatted"; exit 1; }
	go vet ./...
	go run $(STATICCHECK) ./...
	go test ./internal

race: ## Run the short tests of concurrent packages under the race detector
	go test -race -short -timeout 30m $(CONCURRENT)

fuzz: ## Run every fuzz target for FUZZTIME (30000x: a few seconds)
	@scripts/fuzz.sh $(FUZZTIME)

bench: ## Measure against PostGIS on the same data and print the ratios
	go run ./internal/bench

conformance: ## Read the running service with ogrinfo and QGIS, and run the OGC test suite for WFS 2.0
	@scripts/setup.sh --test
	STRUKTURBILD_ETS=yes go test -count 1 -v -run Conformance ./internal/e2e

clean: ## Remove what was built; data stays
	rm -rf bin
