# Everything here does its own set-up: PostgreSQL and Temporal are found, built
# or installed, started, and given back at the end, also on Ctrl-C.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

export CGO_ENABLED := 0

SYSTEM := internal/system
TEMPORAL := $(SYSTEM)/temporaldev
MODULES := . $(SYSTEM) $(TEMPORAL)
BIN := .stack/bin
TOOLS := $(CURDIR)/.tools

# Pinned, so that a new version's opinions arrive by a commit.
GOLANGCI := $(TOOLS)/golangci-lint-v2.15.0
WORKFLOWCHECK := $(TOOLS)/workflowcheck-v0.6.0

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: up
up: $(BIN)/up ## Bring up the whole stack and run the main job, until Ctrl-C
	@exec $(BIN)/up

.PHONY: demo
demo: $(BIN)/up ## Bring up the stack, show the demonstration, and end
	@exec $(BIN)/up --demo

.PHONY: build
build: ## Build worker and starter into .stack/bin
	@for program in worker starter; do go build -trimpath -o $(BIN)/$$program ./$$program; done

.PHONY: test
test: test-main test-system ## Run all tests on a PostgreSQL and a Temporal server of their own

.PHONY: test-main
test-main: $(BIN)/with-stack ## Run the main module's tests (rings 1 to 3)
	@$(BIN)/with-stack -- go test $(TESTFLAGS) ./...

.PHONY: test-system
test-system: $(BIN)/with-stack ## Run the tests of the whole system (ring 4)
	@$(BIN)/with-stack --temporal -- go -C $(SYSTEM) test $(TESTFLAGS) ./...

.PHONY: crashes
crashes: $(BIN)/with-stack ## Kill the worker before and after every commit there is; takes ten minutes
	@CRASHES=all $(BIN)/with-stack --temporal -- \
		go -C $(SYSTEM) test -count=1 -timeout 1h -run '^TestCrash$$' $(TESTFLAGS) ./endtoend/

SEEDS ?= 200
FROM ?= 1
LANES ?= 4

.PHONY: random
random: $(BIN)/with-stack ## Play random scripts against stated invariants; SEEDS=200 FROM=1, or SEED=7 to repeat one
	@SEEDS=$(SEEDS) FROM=$(FROM) SEED=$(SEED) LANES=$(LANES) $(BIN)/with-stack --temporal -- \
		go -C $(SYSTEM)/endtoend test -count=1 -timeout 3h -run '^TestRandom(Exports)?$$' $(TESTFLAGS)

.PHONY: record
record: $(BIN)/with-stack ## Record histories for the replay tests, from the commit that is deployed
	@RECORD_HISTORIES=1 $(BIN)/with-stack --temporal -- go -C $(SYSTEM) test -count=1 ./endtoend/

BENCHFLAGS ?= --out docs/benchmarks.md

.PHONY: bench
bench: $(BIN)/with-stack $(BIN)/bench ## Measure speed, write docs/benchmarks.md; BENCHFLAGS=-h tells choices
	@$(BIN)/with-stack --temporal --durable -- $(BIN)/bench $(BENCHFLAGS)

.PHONY: check
check: check-format check-modules check-vet check-lint check-workflows ## Run every check but the tests

.PHONY: check-format
check-format:
	@echo "check: gofmt"
	@unformatted=$$(git ls-files --cached --others --exclude-standard '*.go' | xargs -r gofmt -l); \
	if [ -n "$$unformatted" ]; then echo "not formatted, run gofmt -w on:"; echo "$$unformatted"; exit 1; fi

# Tidying reads the tests of every dependency, which for the Temporal server is
# a long download; verifying it is enough there.
.PHONY: check-modules
check-modules:
	@echo "check: go.mod and go.sum"
	@for module in . $(SYSTEM); do go -C $$module mod tidy -diff; done
	@for module in $(MODULES); do go -C $$module mod verify; done

# Not the Temporal server's module: vet gathers facts about all of its
# dependencies, which takes very long.
.PHONY: check-vet
check-vet:
	@echo "check: go vet"
	@for module in . $(SYSTEM); do go -C $$module vet ./...; done

.PHONY: check-lint
check-lint: $(GOLANGCI)
	@echo "check: golangci-lint"
	@for module in . $(SYSTEM); do (cd $$module && $(GOLANGCI) run --config $(CURDIR)/.golangci.yaml ./...); done

.PHONY: check-workflows
check-workflows: $(WORKFLOWCHECK)
	@echo "check: workflowcheck"
	@$(WORKFLOWCHECK) -config .ci/workflowcheck.yaml ./workflows/...

.PHONY: clean
clean: ## Delete what was built and the stack's data; stop the stack first
	@rm -rf .stack .tools

# Go decides quickly whether there is anything to do.
.PHONY: $(BIN)/up $(BIN)/with-stack $(BIN)/bench
$(BIN)/up $(BIN)/with-stack $(BIN)/bench: $(BIN)/%:
	@mkdir -p $(BIN)
	@go -C $(SYSTEM) build -o $(CURDIR)/$@ ./cmd/$*

$(GOLANGCI):
	@echo "building golangci-lint, once; this takes a few minutes"
	@$(call install,golangci-lint,github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0)

$(WORKFLOWCHECK):
	@echo "building workflowcheck, once"
	@$(call install,workflowcheck,go.temporal.io/sdk/contrib/tools/workflowcheck@v0.6.0)

# install builds a tool outside of our modules and names it after its version.
define install
mkdir -p $(TOOLS) && cd $(TOOLS) && GOFLAGS= GOBIN=$(TOOLS) go install $(2) && mv $(TOOLS)/$(1) $@
endef
