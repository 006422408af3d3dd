# The two that matter: `make run` sets everything up and starts the hotline, `make test` tests it.
# Both work as an ordinary user; nothing is installed outside this folder (downloads are cached).

PYTHON ?= python3.11
CONFIG ?= hotline.toml
VENV := .venv
BIN := $(VENV)/bin
HOTLINE := $(BIN)/python -m hotline.cli
PYTEST_ARGS ?=
DEMO_ARGS ?=
BENCH_ARGS ?=
SOAK_ARGS ?=
BUNDLES := .build/pbx .build/phones .build/browser .build/postgres
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
LOCK := $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header

.DEFAULT_GOAL := help
.PHONY: help run test demo bench soak lint lock setup setup-test phones pages clean demo-model

help: ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: setup ## set everything up and start the hotline; Ctrl-C ends it
	@exec $(HOTLINE) up --config $(CONFIG)

demo: $(VENV)/.run .build/phones/bundle.json ## let synthetic citizens ring in at the running hotline
	@exec $(HOTLINE) demo --config $(CONFIG) $(DEMO_ARGS)

test: setup-test ## unit tests, a real PBX with SIP phones, a real browser
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

bench: setup-test ## timings beside a baseline, as JSON
	@$(BIN)/python -m tests.bench $(BENCH_ARGS)

soak: setup-test ## long property runs of the routing engine
	@$(BIN)/python -m tests.soak $(SOAK_ARGS)

lint: $(VENV)/.dev pages ## ruff, mypy, and the types of the pages' scripts
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

setup: $(VENV)/.run .build/pbx/bundle.json pages

setup-test: $(VENV)/.dev $(BUNDLES:=/bundle.json) pages

phones: .build/phones/bundle.json ## obtain the SIP phones of the demo and the tests

pages: $(VENV)/.run
	@$(BIN)/python -m hotline.web.front_end

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "make: there is no $(PYTHON): install python3.11, or name another 3.11 by PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "make: $(PYTHON) cannot make environments: install the package python3.11-venv" >&2; exit 1; }
	@echo "environment: $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/run.txt | $(VENV)/bin/python
	@echo "environment: what the hotline runs on (hash-locked)"
	@$(PIP) install --require-hashes -r requirements/run.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@echo "environment: what the tests need (hash-locked)"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

.build/%/bundle.json:
	@python3 asterisk/obtain.py $* --into .build/$*

lock: $(VENV)/.dev ## compile the dependency lists anew
	@$(LOCK) --upgrade requirements/run.in -o requirements/run.txt
	@$(LOCK) --upgrade requirements/dev.in -o requirements/dev.txt

demo-model: .build/openfst/bundle.json ## build the demo's speech model anew (minutes, needs torch)
	@$(PYTHON) -m venv .build/model-venv
	@.build/model-venv/bin/python -m pip install --quiet --require-hashes -r requirements/model.txt
	@.build/model-venv/bin/python -m hotline.speech.demo_model hotline/speech/models/demo

clean: ## remove what was built; recordings and the database in var/ stay
	rm -rf $(VENV) .build hotline/web/static/dist hotline/web/static/node_modules
