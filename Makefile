# Every command of the project. `make help` lists them; CI calls nothing else.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

export DAGSTER_DISABLE_TELEMETRY := 1
export DO_NOT_TRACK := 1

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | awk -F':.*?## ' '{printf "  make %-18s %s\n", $$1, $$2}'

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else f"Python 3.11 to 3.13 is needed, this is {sys.version.split()[0]}: set PYTHON=python3.12, for example")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

.PHONY: install
install: $(STAMP) ## create .venv from requirements.lock

.PHONY: run
run: $(STAMP) ## install, write the sample shop if landing is empty, build and publish
	@$(BIN)/segments sample --if-empty
	@$(BIN)/segments run

# Tests that share a shop or a module stay together, in the order of tests/conftest.py.
WORKERS ?= 2
SHARED_OUT := -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.PHONY: test
test: $(STAMP) ## install and run the tests (WORKERS=2)
	@$(BIN)/python -m pytest -q $(SHARED_OUT) -m "not browser and not faults and not spark and not spark_cluster and not api"

.PHONY: test-quick
test-quick: $(STAMP) ## the tests outside tests/pipeline, quick to repeat under another zone (TZ=America/New_York)
	@$(BIN)/python -m pytest -q $(SHARED_OUT) -m "not api" \
		$(addprefix tests/,erasure raw report sample segments unit)

.PHONY: test-zones
test-zones: $(STAMP) ## the tests three times, the process in UTC, Kolkata and New York; an hour
	@for zone in UTC Asia/Kolkata America/New_York; do TZ=$$zone $(MAKE) test || exit 1; done

API_STAMP := $(VENV)/.installed-api

$(API_STAMP): $(STAMP) requirements-api.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-api.lock
	@touch $(API_STAMP)

.PHONY: install-api
install-api: $(API_STAMP) ## add what `segments fetch` needs to ask a shop's API

.PHONY: test-api
test-api: $(API_STAMP) ## fetch from shops that fail in every way, served on 127.0.0.1
	@$(BIN)/python -m pytest -q -rs -m api tests/fetch

.PHONY: test-browser
test-browser: $(STAMP) ## look at the report and the Dagster UI with Chromium
	@if [ "$$CI" = true ] && ! command -v chromium chromium-browser google-chrome >/dev/null; then \
		$$(command -v sudo) apt-get update -qq && $$(command -v sudo) apt-get install -y -qq chromium; fi
	@$(BIN)/python -m pytest -q -m browser tests/browser

.PHONY: test-faults
test-faults: $(STAMP) ## two runs at once, kills, older DuckDB clients
	@$(BIN)/python -m pytest -q $(SHARED_OUT) -m faults tests/faults

SPARK_STAMP := $(VENV)/.installed-spark

$(SPARK_STAMP): $(STAMP) requirements-spark.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-spark.lock
	@touch $(SPARK_STAMP)

.PHONY: install-spark
install-spark: $(SPARK_STAMP) ## add the second engine to .venv; it needs Java 17 or later

.PHONY: test-spark
test-spark: $(SPARK_STAMP) ## the same models on Spark, compared with DuckDB row for row
	@if [ "$$CI" = true ] && ! command -v java >/dev/null; then \
		$$(command -v sudo) apt-get update -qq && $$(command -v sudo) apt-get install -y -qq openjdk-17-jre-headless; fi
	@$(BIN)/python -m pytest -q -rs -m spark tests/parity

.PHONY: test-spark-cluster
test-spark-cluster: $(SPARK_STAMP) ## the same on executor processes and on a Thrift server; outside CI
	@$(BIN)/python -m pytest -q -rs -m spark_cluster tests/parity

.PHONY: validate
validate: $(STAMP) ## let Dagster check the definitions
	@PATH="$(CURDIR)/$(BIN):$$PATH" dagster definitions validate -w workspace.yaml
	@PATH="$(CURDIR)/$(BIN):$$PATH" dg check defs

.PHONY: bench
bench: $(STAMP) ## measure the main job and write docs/benchmarks.md and docs/scale.md (ORDERS=1000000, MEMORY=4GB)
	@$(BIN)/python -m benchmarks.main_job
	@$(BIN)/python -m benchmarks.at_scale --orders $(or $(ORDERS),1000000) --memory-limit $(or $(MEMORY),4GB)

.PHONY: install-peers
install-peers: ## make .venv-peers with what the benchmarks compare with: polars, pandas, pymc-marketing
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/requirements-peers.txt

.PHONY: dev
dev: $(STAMP) ## open the Dagster UI on 127.0.0.1 (PORT=3000)
	@$(BIN)/segments dev --port $(or $(PORT),3000)

.PHONY: lint
lint: $(STAMP) ## lint and types alone
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint models $(wildcard tests/sql) --disable-progress-bar

.PHONY: check
check: lint ## lint, types, house rules and unit tests
	@$(BIN)/python -m pytest -q $(SHARED_OUT) tests/house tests/unit
