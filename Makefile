# Development targets. Run `make help` to list all targets.
.DEFAULT_GOAL := help
.PHONY: help kill kill-cluster setup demo test lint linters types generate check drift sandbox bench docs look lowest release mutate record lock

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command 'make lock'

# Many tests start a new Python process. Without cached bytecode, each one compiles every module again.
unexport PYTHONDONTWRITEBYTECODE

help: ## List all targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1\t\2/' | expand -t 16

setup: $(READY) ## Create .venv with all dependencies, pinned by hash

# Packages are installed again only when the pins change.
$(READY): requirements/dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "error: no python3 on PATH; install Python 3.11 or newer, or pass PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: $(PYTHON) is older than Python 3.11; pass PYTHON=…" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY) ## Edit an image from start to finish against the local sandbox
	@$(BIN)/python -m generator check --quiet
	@$(BIN)/python examples/demo.py

# The checks run at the same time, because each of them uses only one core. With `worksteal`, the tests of a
# module stay in one process for the most part, so its fixtures are made once. Some tests wait for processes and
# clocks, so there are more workers than cores.
test: $(READY) ## Run lint, type checks, the check of generated/ and all tests
	@$(MAKE) --no-print-directory -j 3 lint types check
	$(BIN)/python -m pytest -n 4 --dist worksteal

lint: $(READY) ## Check style, imports and the spec
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/python -m generator lint
	$(BIN)/openapi-spec-validator spec/openapi.yaml
	$(BIN)/python -m tests.wording

# Their findings depend on their version, so both versions are pinned.
linters: ## Check the spec with Redocly and Spectral (needs Node.js and the npm registry)
	@command -v npx >/dev/null || { echo "error: no npx on PATH; install Node.js 20 or newer first" >&2; exit 1; }
	REDOCLY_TELEMETRY=off npx --yes @redocly/cli@2.77.0 lint --extends recommended-strict spec/openapi.yaml spec/workflows.arazzo.yaml
	npx --yes @stoplight/spectral-cli@6.16.3 lint --fail-severity hint --ruleset .spectral.yaml spec/openapi.yaml spec/workflows.arazzo.yaml

# The two type checkers run at the same time.
types: $(READY) ## Check types with mypy and pyright, and that wrong uses are found
	$(BIN)/pyright & other=$$!; $(BIN)/mypy; found=$$?; wait $$other && exit $$found
	$(BIN)/python -m tests.typing

generate: $(READY) ## Write generated/ and the tables in docs/ from spec/
	$(BIN)/python -m generator generate
	@$(BIN)/python -m tests.cli.reference
	@$(BIN)/python -m tests.contract.pages

check: $(READY) ## Check that generated/ matches spec/, without writing files
	$(BIN)/python -m generator check

drift: $(READY) ## Compare spec/ with the recorded documentation pages, or with PAGE=… (a file or an https URL)
	$(BIN)/python -m generator drift $(PAGE)

sandbox: $(READY) ## Start a local kie.ai server; Ctrl-C stops it
	@$(BIN)/kie-ideogram sandbox

bench: $(READY) ## Run the benchmarks of the client and the generator, or some: make bench calls journal
	$(BIN)/python -m benchmarks $(filter-out bench,$(MAKECMDGOALS))

ifeq (bench,$(firstword $(MAKECMDGOALS)))
# Names of benchmarks, which make takes for targets.
$(filter-out bench,$(MAKECMDGOALS)):
	@:
endif

# The site's tools are not in requirements/dev.txt, because no test needs them.
docs: $(VENV)/.docs ## Build the documentation site in build/docs; warnings are errors
	$(BIN)/python -m website

$(VENV)/.docs: $(READY) requirements/docs.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/docs.txt
	@touch $@

# Resolved anew each time: the versions follow from pyproject.toml, and no lock file repeats them.
lowest: $(READY) ## Run all tests with the lowest versions of all dependencies and extras
	$(BIN)/uv pip compile --quiet --resolution lowest-direct --python-version 3.11 --all-extras --group dev -o build/lowest.txt pyproject.toml
	$(PYTHON) -m venv --clear build/lowest
	$(BIN)/uv pip install --quiet --python build/lowest/bin/python -r build/lowest.txt
	$(BIN)/uv pip install --quiet --python build/lowest/bin/python --no-deps --editable .
	build/lowest/bin/python -m pytest -n 2

release: $(READY) ## Build the distributions of the last commit twice, compare its API, and print what is left to do
	$(BIN)/python -m generator.release.artifacts

look: $(READY) ## Test the sandbox's dashboard with headless Chromium, which must be installed
	@command -v chromium chromium-browser google-chrome >/dev/null || { echo "error: no Chromium on PATH; install it first" >&2; exit 1; }
	$(BIN)/python -m pytest -q tests/sandbox/programs/test_page.py

mutate: $(READY) ## Check that the tests detect changes of the contract (ARGS=--all for every mutant)
	@$(BIN)/python -m tests.mutation $(ARGS)

record: $(READY) ## Record the scenarios of spec/record.yaml at BASE_URL=… (ARGS=--diff, ARGS=--paid)
	@test -n "$(BASE_URL)" || { echo "error: BASE_URL is not set; pass BASE_URL=… with the URL of a server, such as a sandbox" >&2; exit 1; }
	@$(BIN)/python -m generator record --base-url $(BASE_URL) $(ARGS)

kill: $(READY) ## Run the crash tests with more kills and cancellations than the suite (KILLS=1000)
	KILLS=$(or $(KILLS),500) $(BIN)/python -m pytest -q tests/money/test_kill.py tests/batch/test_kill.py tests/client/interruptions/test_cancellation.py

kill-cluster: $(READY) ## Run the crash tests of clusters with more kills than the suite (KILLS=300)
	KILLS=$(or $(KILLS),120) $(BIN)/python -m pytest -q tests/cluster/test_kill.py

lock: $(READY) ## Update requirements/ from pyproject.toml
	$(LOCK) --all-extras --group dev -o requirements/dev.txt pyproject.toml
	$(LOCK) --group docs --constraint requirements/dev.txt -o requirements/docs.txt
