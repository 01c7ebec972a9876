# Two commands: `make campaign` runs the main job, `make test` passes the tests.
# Everything is created from a fresh clone with make, python3 >= 3.11 (with venv) and a package index.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.stamp
JOBS ?= 2
N ?= 2000
SEED ?= 1
MODE ?= dotted
# make ends with 2 whatever a recipe's exit code was: so the code is said in words, for people and for scripts.
TELL = || { code=$$?; case $$code in 1) is=invalid;; 2) is=unknown;; 3) is="the harness failed";; \
	4) is="wrong usage";; *) is=interrupted;; esac; echo "schism exit code $$code: $$is"; exit $$code; }
.DEFAULT_GOAL := help

.PHONY: help venv campaign campaign-local test test-fast lint bench soak node cluster clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Schism needs python3 >= 3.11; found $$($(PYTHON) --version). Set PYTHON=/path/to/python3.11"; exit 3; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "python3 has no venv module: install it (Debian: apt install python3-venv)"; exit 3; }
	@[ -x $(BIN)/python ] || { echo "creating .venv"; $(PYTHON) -m venv .venv; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@touch $@

venv: $(STAMP) ## create .venv with everything

campaign: $(STAMP) ## the main job: campaigns/quick.yaml in the simulation, ends with a report
	@echo '$(BIN)/schism run campaigns/quick.yaml --jobs $(JOBS)'
	@$(BIN)/schism run campaigns/quick.yaml --jobs $(JOBS) $(TELL)

campaign-local: $(STAMP) ## the same on real processes on loopback: six runs, under three minutes
	@echo '$(BIN)/schism run campaigns/quick.yaml --testbed local'
	@$(BIN)/schism run campaigns/quick.yaml --testbed local $(TELL)

test: $(STAMP) ## all tests, in parallel
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup -q

test-fast: $(STAMP) ## without the slow ones
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup -q -m "not slow"

lint: $(STAMP) ## ruff, strict types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP) ## speed, each figure beside its limit (table and JSON)
	$(BIN)/python -m tests.bench

soak: $(STAMP) ## N seeded schedules of MODE (dotted, paper-clock, last-writer) under every fault: none may be invalid
	@echo '$(BIN)/schism soak --runs $(N) --seed $(SEED) --mode $(MODE) --jobs $(JOBS)'
	@$(BIN)/schism soak --runs $(N) --seed $(SEED) --mode $(MODE) --jobs $(JOBS) $(TELL)

node: ## dist/dynamo-node.pyz: the whole node in one file, for any python3 >= 3.11
	$(PYTHON) -m reference.cli.bundle dist/dynamo-node.pyz

cluster: ## five real nodes on loopback, to try with curl; Ctrl-C stops them
	@$(PYTHON) -m reference.cli.cluster

clean: ## remove .venv, caches and the store
	rm -rf .venv store .pytest_cache .mypy_cache .ruff_cache .hypothesis
