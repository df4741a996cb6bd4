# Needs make and Python 3.11 or newer, nothing else. `make help` says what there is.

SHELL := /bin/sh
.DEFAULT_GOAL := help

BIN := .venv/bin
PYTHON := $(BIN)/python
PIP := $(PYTHON) -m pip install --quiet --disable-pip-version-check
READY_RUN := .venv/.ready-run
READY_DEV := .venv/.ready-dev
DOCS_PYTHON := .venv-docs/bin/python
READY_DOCS := .venv-docs/.ready
RUN_LOCKS := requirements.lock requirements-build.lock pyproject.toml
DEV_LOCKS := requirements-dev.lock requirements-build.lock pyproject.toml

# Compiled modules are kept: without them every process that a test starts compiles everything anew.
unexport PYTHONDONTWRITEBYTECODE

# Two at a time on two cores. Part of the tests (T=…) runs sooner without the start of helpers.
TOGETHER := $(if $(T),,-n auto --maxprocesses=4 --dist=worksteal)

.PHONY: help setup demo look run check fix test test-postgres test-long test-pythons test-browser screenshots strangers api-tools storm soak fuzz mutants golden docs site new-regime

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY_DEV)  ## everything to work on Fiscus, in .venv

demo: $(READY_RUN)  ## a kiosk in Berlin and a café in Lisbon, from nothing to checked audit files
	@$(BIN)/fiscus demo

look: $(READY_RUN)  ## the demo's two shops in a browser, until Ctrl-C; plays them first if need be
	@$(BIN)/fiscus demo --serve

run: $(READY_RUN)  ## the service and its worker on this machine, for trying out
	@$(BIN)/fiscus serve

check: $(READY_DEV)  ## format, lint, types, import contract, docs, then the tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTHON) docs/generate.py --check
	$(MAKE) test

fix: $(READY_DEV)  ## format, and mend what can be mended
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

test: $(READY_DEV)  ## fast tests on SQLite; T=path for some of them
	@.ci/in-memory $(PYTHON) -m pytest -q $(TOGETHER) $(T)

test-postgres: $(READY_DEV)  ## those with a database on PostgreSQL (FISCUS_TEST_POSTGRES_URL, or one of its own)
	@.ci/in-memory .ci/with-postgres $(PYTHON) -m pytest -q $(TOGETHER) $(T)

test-long: $(READY_DEV)  ## tests that are too slow for each run; those that measure time, alone
	@$(if $(T),$(PYTHON) -m pytest -q -m long $(T),\
	  $(PYTHON) -m pytest -q -m "long and not alone" $(TOGETHER) && \
	  $(PYTHON) -m pytest -q -m "long and alone")

test-pythons: $(READY_DEV)  ## a quick part of the tests on each other Python we name, where one is found
	@.ci/other-pythons $(T)

test-browser: $(READY_DEV)  ## each page in a real Chromium (FISCUS_TEST_CHROMIUM, or Debian's)
	@.ci/browser $(if $(T),,-n 2 --dist=worksteal) $(or $(T),tests/browser)

screenshots: $(READY_DEV)  ## the pictures of docs/images, anew, from the pages as they are
	@FISCUS_TEST_SCREENSHOTS=docs/images .ci/browser tests/browser/test_screenshots.py

strangers: $(READY_DEV)  ## Go's own libraries read our notes and proofs, and we theirs (needs Go and its x/mod)
	@.ci/strangers

api-tools: $(READY_DEV)  ## linters and client generators read the API's description (needs Node 20)
	@.ci/api-tools

storm: $(READY_DEV)  ## crash and concurrency tests, the small run
	@$(if $(T),$(PYTHON) -m pytest -q -m storm $(T),\
	  $(PYTHON) -m pytest -q -m "storm and not alone" $(TOGETHER) tests/storms && \
	  $(PYTHON) -m pytest -q -m "storm and alone" tests/storms)

soak: $(READY_DEV)  ## a journal in which everything happens has no finding; N=entries (5000)
	@FISCUS_TEST_SOAK_ENTRIES=$(or $(N),5000) $(PYTHON) -m pytest -q -m long tests/storms/test_soak.py

fuzz: $(READY_DEV)  ## ten minutes of made-up requests against the API's description; S=seconds
	@$(PYTHON) -m bench.fuzz --seconds $(or $(S),600)

mutants: $(READY_DEV)  ## small faults made on purpose: does a test fail for each? S=seed N=how many
	@nice -n 15 $(PYTHON) -m bench.mutants --seed $(or $(S),1) --count $(or $(N),500)

golden: $(READY_DEV)  ## rewrite what the examples give; read the diff like code
	@FISCUS_TEST_GOLDEN=write $(PYTHON) -m pytest -q $(or $(T),fiscus tests) -k golden
	@git --no-pager diff --stat

docs: $(READY_DEV)  ## write the pages that the code knows
	@$(PYTHON) docs/generate.py

site: $(READY_DOCS)  ## the documentation as a site in site/, made strictly; open site/index.html
	@rm -rf site
	@$(DOCS_PYTHON) -m sphinx --builder html --fail-on-warning --keep-going --quiet --jobs auto \
	  --fresh-env --doctree-dir .venv-docs/doctrees docs site
	@echo "open site/index.html"

new-regime: $(READY_DEV)  ## a new country from the template: make new-regime cc=xx
	@$(PYTHON) templates/new_regime.py "$(cc)"

$(PYTHON):
	@for python in python3.11 python3; do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "making .venv with $$($$python --version)"; $$python -m venv .venv && exit 0; rm -rf .venv; exit 1; \
	  fi; \
	done; \
	echo "Fiscus needs Python 3.11 or newer (as python3.11 or python3) with its venv module" >&2; exit 1

$(READY_RUN): $(RUN_LOCKS) | $(PYTHON)
	@echo "installing what the service needs"
	@$(PIP) --require-hashes -r requirements.lock -r requirements-build.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(READY_DEV): $(DEV_LOCKS) | $(PYTHON)
	@echo "installing what the service and its tests need"
	@$(PIP) --require-hashes -r requirements-dev.lock -r requirements-build.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@ $(READY_RUN)

# Apart from .venv: what writes the documentation is not what the service or its tests run with.
$(READY_DOCS): requirements-docs.lock | $(PYTHON)
	@echo "installing what makes the documentation"
	@$(PYTHON) -m venv .venv-docs
	@$(DOCS_PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-docs.lock
	@touch $@
