# The doors of the project. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help kill setup demo test lint linters types generate check drift sandbox bench look mutate record lock

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# Many tests start Python anew; without bytecode each start would compile everything again.
unexport PYTHONDONTWRITEBYTECODE

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1\t\2/' | expand -t 14

setup: $(READY) ## Make .venv with everything pinned by hash

# Nothing is downloaded again while the pins stand.
$(READY): requirements/dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "error: no python3 on PATH; install Python 3.11 or newer, or pass PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: $(PYTHON) is older than Python 3.11; pass PYTHON=…" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY) ## Edit a picture from start to finish against the local sandbox
	@$(BIN)/python -m generator check --quiet
	@$(BIN)/python examples/demo.py

test: lint types check ## Lint, types, generated code current, the whole suite
	$(BIN)/python -m pytest -n 2

lint: $(READY) ## Check style, imports and the spec
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/python -m generator lint
	$(BIN)/openapi-spec-validator spec/openapi.yaml

# What they say depends on their version, so that is pinned as everything else is.
linters: ## Check the spec with Redocly and Spectral, too, which need Node.js and its registry
	@command -v npx >/dev/null || { echo "error: no npx on PATH; install Node.js 20 or newer first" >&2; exit 1; }
	REDOCLY_TELEMETRY=off npx --yes @redocly/cli@2.77.0 lint --extends recommended-strict spec/openapi.yaml spec/workflows.arazzo.yaml
	npx --yes @stoplight/spectral-cli@6.16.3 lint --fail-severity hint --ruleset .spectral.yaml spec/openapi.yaml spec/workflows.arazzo.yaml

# Side by side, for each of them takes one core for long.
types: $(READY) ## Check types: mypy strict everywhere, pyright on the package
	$(BIN)/pyright & other=$$!; $(BIN)/mypy; found=$$?; wait $$other && exit $$found

generate: $(READY) ## Write generated/ and the reference in docs/cli.md from spec/
	$(BIN)/python -m generator generate
	@$(BIN)/python -m tests.cli.reference

check: $(READY) ## Prove that generated/ is what spec/ gives; writes nothing
	$(BIN)/python -m generator check

drift: $(READY) ## Compare the recorded documentation page with spec/, or PAGE=… (a file, or an https address)
	$(BIN)/python -m generator drift $(PAGE)

sandbox: $(READY) ## Serve a local kie.ai until interrupted
	@$(BIN)/kie-ideogram sandbox

bench: $(READY) ## Measure the client and the generator, as ratios in one run
	$(BIN)/python -m benchmarks

look: $(READY) ## Look at the sandbox's page with headless Chromium, which must be installed
	@command -v chromium chromium-browser google-chrome >/dev/null || { echo "error: no Chromium on PATH; install it first" >&2; exit 1; }
	$(BIN)/python -m pytest -q tests/sandbox/test_page.py

mutate: $(READY) ## Change the contract in every way and see whether the tests notice (ARGS=--all for every mutant)
	@$(BIN)/python -m tests.mutation $(ARGS)

record: $(READY) ## Record the scenarios of spec/record.yaml from BASE_URL=… (ARGS=--diff, ARGS=--paid)
	@test -n "$(BASE_URL)" || { echo "error: which server? pass BASE_URL=…, such as a sandbox's" >&2; exit 1; }
	@$(BIN)/python -m generator record --base-url $(BASE_URL) $(ARGS)

kill: $(READY) ## Kill programs at more seeded points than the suite does (KILLS=1000)
	KILLS=$(or $(KILLS),500) $(BIN)/python -m pytest -q tests/money/test_kill.py

lock: $(READY) ## Renew requirements/dev.txt from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --all-extras --group dev --custom-compile-command 'make lock' -o requirements/dev.txt pyproject.toml
