# The two that matter: `make run` sets everything up and starts the hotline, `make test` tests it.
# Both work as an ordinary user; nothing is installed outside this folder (downloads are cached).

PYTHON ?= python3.11
CONFIG ?= hotline.toml
VENV := .venv
BIN := $(VENV)/bin
HOTLINE := $(BIN)/python -m hotline.cli
PYTEST_ARGS ?=
# Which tests; all when empty.
TESTS ?=
# Unit tests want a core each (and yield to the others); those with telephones mostly wait.
UNIT_JOBS ?= $(shell nproc)
CALL_JOBS ?= $(shell expr $$(nproc) \* 2)
DEMO_ARGS ?=
BENCH_ARGS ?=
SOAK_ARGS ?=
WALK_ARGS ?=
# Where this forbids the compiled files, every start would compile all again.
unexport PYTHONDONTWRITEBYTECODE
BUNDLES := .build/pbx .build/phones .build/browser .build/postgres
# Set-up mostly waits for downloads and for one processor: its parts go side by side.
MAKEFLAGS += --jobs=4
# Every package is held against its hash; a line now and then shows that it goes on.
define install
mkdir -p .build; total=$$(grep -cE '^[a-z0-9].*==' $(1)); n=0; \
echo "environment: $$total packages of $(1), hash-locked"; \
PYTHONUNBUFFERED=1 $(BIN)/python -m pip --disable-pip-version-check install --progress-bar off \
	--require-hashes -r $(1) | while read -r line; do case $$line in \
	Collecting*|Processing*|Requirement*) n=$$((n + 1)); \
		[ $$((n % 15)) != 0 ] || echo "environment: $$n of $$total" ;; \
	Installing*) echo "environment: installing" ;; esac; done
endef
LOCK := $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header

SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test demo bench soak lint lock setup setup-test phones pages clean demo-model

help: ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: setup ## set everything up and start the hotline; Ctrl-C ends it
	@exec $(HOTLINE) up --config $(CONFIG)

demo: $(VENV)/.run .build/phones/bundle.json ## let synthetic citizens ring in at the running hotline
	@exec $(HOTLINE) demo --config $(CONFIG) $(DEMO_ARGS)

# A failure is tried twice more, and told (R): real calls on a busy machine are late now and then.
test: setup-test ## unit tests, a real PBX with SIP phones, a real browser
	@if [ -n "$(TESTS)" ]; then \
		exec $(BIN)/python -m pytest -n $(UNIT_JOBS) --dist worksteal --reruns 2 $(PYTEST_ARGS) $(TESTS); \
	else exec $(BIN)/python -m tests.side_by_side $(UNIT_JOBS) $(CALL_JOBS) $(PYTEST_ARGS); fi

bench: setup-test ## timings beside a baseline, as JSON
	@$(BIN)/python -m tests.bench $(BENCH_ARGS)

soak: setup-test ## long runs: the routing engine, random flows, the interface, axe, cut networks
	@$(BIN)/python -m tests.soak $(SOAK_ARGS)
	@$(BIN)/python -m tests.ivr.soak $(WALK_ARGS)
	@$(BIN)/python -m tests.openapi $(OPENAPI_ARGS)
	@$(BIN)/python -m tests.accessibility
	@$(BIN)/python -m tests.every_leg
	@$(BIN)/python -m tests.bench trouble

lint: $(VENV)/.dev pages ## ruff, mypy, and the types of the pages' scripts
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	@$(BIN)/python -m hotline.web.front_end --check

setup: $(VENV)/.run .build/pbx/bundle.json pages

setup-test: $(VENV)/.dev $(BUNDLES:=/bundle.json) pages

phones: .build/phones/bundle.json ## obtain the SIP phones of the demo and the tests

pages: $(VENV)/.run
	@$(BIN)/python -m hotline.web.front_end

# Stamps rather than the files themselves: what was cut short is begun again.
$(VENV)/.made:
	@command -v $(PYTHON) >/dev/null || { echo "make: there is no $(PYTHON): install python3.11, or name another by PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "make: $(PYTHON) is older than 3.11: install python3.11, or name another by PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "make: $(PYTHON) cannot make environments: install the package python3.11-venv" >&2; exit 1; }
	@echo "environment: $(VENV)"
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.run: requirements/run.txt pyproject.toml $(VENV)/.made
	@$(call install,requirements/run.txt)
	@$(BIN)/python -m pip --disable-pip-version-check --quiet install --no-deps --no-build-isolation --editable . 2>.build/editable.log || { cat .build/editable.log >&2; exit 1; }
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@$(call install,requirements/dev.txt)
	@touch $@

# Through cat, for several would overwrite one another's changing line.
.build/%/bundle.json: asterisk/bundles.py
	@$(PYTHON) asterisk/obtain.py $* --into .build/$* 2>&1 | cat

lock: $(VENV)/.dev ## compile the dependency lists anew
	@$(LOCK) --upgrade requirements/run.in -o requirements/run.txt
	@$(LOCK) --upgrade requirements/dev.in -o requirements/dev.txt
	@$(LOCK) --upgrade requirements/model.in -o requirements/model.txt

demo-model: .build/openfst/bundle.json ## build the demo's speech model anew (minutes, needs torch)
	@$(PYTHON) -m venv .build/model-venv
	@.build/model-venv/bin/python -m pip install --quiet --require-hashes -r requirements/model.txt
	@.build/model-venv/bin/python -m hotline.speech.demo_model hotline/speech/models/demo \
		--openfst .build/openfst

clean: ## remove what was built; recordings and the database in var/ stay
	rm -rf $(VENV) .build hotline/web/static/dist hotline/web/static/node_modules
