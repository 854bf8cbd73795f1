# Two commands on a fresh machine: `make run` and `make test`. Each does the set-up it needs; `make help` lists the rest.

PYTHON ?= python3
WORKSPACE ?=
PERIOD ?=
ARGS ?=
STRICT ?=
WORKERS ?= 2

KAMBOOK := .venv/bin/kambook
PYTEST = .venv/bin/pytest --numprocesses $(WORKERS) --dist worksteal --durations 10
UV := .venv-bootstrap/bin/uv
OPTIONS = $(if $(WORKSPACE),-w '$(WORKSPACE)') $(if $(PERIOD),-p '$(PERIOD)') $(ARGS)

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## List these targets
	@awk -F ':[^#]*## ' '/^[a-z-]+:[^#]*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@printf '\nWORKSPACE=DIR PERIOD=2026-09 and ARGS="..." go to kambook; STRICT=1 fails where accounts were left out.\n'

##### The month ########################################################################################################

.PHONY: run ingest validate compute render deliver
run: ## Make a month's reports, of the demo company unless WORKSPACE says otherwise
ingest: ## Only read the exports into typed tables
validate: ## Only check the tables and put bad rows aside
compute: ## Only compute facts and metrics
render: ## Only make the documents
deliver: ## Only deliver what was approved, a dry run unless ARGS=--send

# 3 says that some accounts were left out, and kambook has listed them: a success here, as one bad account must not
# stop a month. make itself has one exit code for every failure; who needs kambook's own calls it directly.
run ingest validate compute render deliver: setup
	@$(KAMBOOK) $@ $(OPTIONS) || { code=$$?; [[ $$code -eq 3 && -z '$(STRICT)' ]] || exit $$code; }

##### Checks and tests #################################################################################################

.PHONY: check
check: .venv/stamp docs-check ## Check format, lint, types and that the generated documents are current
	.venv/bin/ruff format --check
	.venv/bin/ruff check
	.venv/bin/mypy

.PHONY: docs-check
docs-check: .venv/stamp ## Check that the generated documents are current
	$(KAMBOOK) metrics --check

.PHONY: test
test: setup ## Run the tests that are not slow
	$(PYTEST) -m 'not slow' $(ARGS)

.PHONY: test-slow
test-slow: setup ## Run the slow tests
	$(PYTEST) -m slow $(ARGS)

.PHONY: texts
texts: .venv/stamp ## List what each language still lacks
	.venv/bin/python -m tests.texts

.PHONY: gallery
gallery: run ## Draw the pictures of data/gallery anew from the demo's month
	.venv/bin/python -m tests.gallery runs/2026-09

.PHONY: format
format: .venv/stamp ## Format the code and mend what the linter can mend
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

.PHONY: docs
docs: .venv/stamp ## Write the generated documents
	$(KAMBOOK) metrics --write

##### Set-up ###########################################################################################################

.PHONY: setup
setup: system .venv/stamp fonts ## Install what is missing: system libraries, .venv, fonts

.PHONY: doctor
doctor: .venv/stamp ## Check this machine, with the fix for what is wrong
	@$(KAMBOOK) doctor $(OPTIONS)

# Libraries and fonts lie outside this folder, where a stamp in it could not vouch for them: they are looked at each time.
.PHONY: system
system: ## Install the system libraries that are missing, or say what to type
	@$(PYTHON) -m pipeline.system

.PHONY: fonts
fonts: .venv/stamp ## Fetch the fonts where they are missing
	@$(KAMBOOK) fonts

# A stamp lies inside the environment it vouches for and names its folder, so that one that was deleted, moved or copied,
# or whose Python is gone, is made anew.
trusted = $(and $(realpath $(1)/bin/python),$(filter $(CURDIR),$(file <$(1)/stamp)))

ifeq ($(call trusted,.venv-bootstrap),)
.PHONY: .venv-bootstrap/stamp
endif
ifeq ($(call trusted,.venv),)
.PHONY: .venv/stamp
endif

.venv-bootstrap/stamp: pipeline/bootstrap.lock | system
	@echo 'Installing uv'
	@$(PYTHON) -m venv --clear .venv-bootstrap
	@.venv-bootstrap/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		--only-binary :all: --requirement pipeline/bootstrap.lock
	@printf '%s' '$(CURDIR)' > $@

# Compiled at once: a process that may not write beside its packages would compile them at every start.
.venv/stamp: requirements.lock pyproject.toml | .venv-bootstrap/stamp
	@echo 'Installing the packages of requirements.lock'
	@$(if $(call trusted,.venv),,$(UV) venv --quiet --clear --no-python-downloads --python $(PYTHON) .venv)
	@$(UV) pip sync --quiet --python .venv/bin/python --require-hashes --compile-bytecode requirements.lock
	@$(UV) pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
	@printf '%s' '$(CURDIR)' > $@

# Hashes of every platform, and nothing of the machine it was made on: no addresses, no folders.
LOCKING := --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	--no-emit-index-url --no-emit-find-links

.PHONY: lock
lock: .venv-bootstrap/stamp ## Pin what pyproject.toml asks for (ARGS=--upgrade: at the newest versions)
	$(UV) pip compile $(LOCKING) --all-extras --group dev $(ARGS) --output-file requirements.lock pyproject.toml >/dev/null
	echo uv | $(UV) pip compile $(LOCKING) $(ARGS) --output-file pipeline/bootstrap.lock - >/dev/null

.PHONY: clean
clean: ## Remove what tools left behind; reports and set-up stay
	rm -rf .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache dist htmlcov
	find pipeline tests -name __pycache__ -type d -prune -exec rm -rf {} +
