# Needs make and Python 3.11 or newer, nothing else. `make help` says what there is.

SHELL := /bin/sh
.DEFAULT_GOAL := help

BIN := .venv/bin
PYTHON := $(BIN)/python
PIP := $(PYTHON) -m pip install --quiet --disable-pip-version-check
READY_RUN := .venv/.ready-run
READY_DEV := .venv/.ready-dev
RUN_LOCKS := requirements.lock requirements-build.lock pyproject.toml
DEV_LOCKS := requirements-dev.lock requirements-build.lock pyproject.toml

.PHONY: help setup demo run check fix test test-postgres storm fuzz golden docs new-regime

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY_DEV)  ## everything to work on the house, in .venv

demo: $(READY_RUN)  ## a kiosk in Berlin and a café in Lisbon, from nothing to checked audit files
	@$(BIN)/fiscus demo

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
	@$(PYTHON) -m pytest -q $(T)

test-postgres: $(READY_DEV)  ## the same tests on PostgreSQL (FISCUS_TEST_POSTGRES_URL, or one of its own)
	@.ci/with-postgres $(PYTHON) -m pytest -q $(T)

storm: $(READY_DEV)  ## crash and concurrency tests, the small run
	@$(PYTHON) -m pytest -q -m storm tests/storms $(T)

fuzz: $(READY_DEV)  ## ten minutes of made-up requests against the API's description; S=seconds
	@$(PYTHON) -m bench.fuzz --seconds $(or $(S),600)

golden: $(READY_DEV)  ## rewrite what the examples give; read the diff like code
	@FISCUS_TEST_GOLDEN=write $(PYTHON) -m pytest -q $(or $(T),fiscus) -k golden
	@git --no-pager diff --stat

docs: $(READY_DEV)  ## write the pages that the code knows
	@$(PYTHON) docs/generate.py

new-regime: $(READY_DEV)  ## a new country from the template: make new-regime cc=xx
	@case "$(cc)" in [a-z][a-z]) ;; *) echo "say which country: make new-regime cc=xx" >&2; exit 2;; esac
	@test ! -e fiscus/regimes/$(cc) || { echo "fiscus/regimes/$(cc) exists already" >&2; exit 2; }
	@mkdir -p fiscus/regimes/$(cc)/tests/examples
	@cp fiscus/regimes/plain/seal.py fiscus/regimes/plain/series.py fiscus/regimes/$(cc)/
	@CC=$$(echo $(cc) | tr a-z A-Z); sed -e '/import ITALY/d' -e 's/, ITALY)/,)/' \
	  -e 's/regimes\.plain/regimes.$(cc)/' -e "s/PLAIN/$$CC/" -e 's/"plain"/"$(cc)"/' -e "s/\"Plain\"/\"$$CC\"/" \
	  fiscus/regimes/plain/__init__.py > fiscus/regimes/$(cc)/__init__.py
	@printf '# The law\n\n| Source | Article | Link | Read on |\n|---|---|---|---|\n' > fiscus/regimes/$(cc)/LAW.md
	@echo "fiscus/regimes/$(cc) is a copy of plain; CONTRIBUTING.md says what to write, in order"

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
