# Two commands for newcomers: `make demo` and `make test`. `make help` lists the rest.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: help demo test check lint types arrows bench lock docs screenshots peers clean
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tegata needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv

.venv/.runtime: .venv/bin/python requirements/build.txt requirements/runtime.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(STAMP): .venv/.runtime requirements/development.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/development.txt
	@touch $@

demo: .venv/.runtime ## the whole journey on this machine: make demo, or make demo ARGS=--once
	@$(BIN)/tegata demo $(ARGS)

test: $(STAMP) peers ## lints, types, arrows and every test
	$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest -n auto --dist loadgroup $(ARGS)

check: $(STAMP) lint types arrows ## lints, types and arrows only

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

arrows: $(STAMP)
	$(BIN)/lint-imports --no-cache

peers: ## third-party wallets and verifiers for the tests (needs Node.js)
	@if command -v npm >/dev/null; then cd tests/peers && { [ -e node_modules/.package-lock.json ] || npm ci --silent --no-audit --no-fund; }; \
	else echo "Node.js is not installed: tests with third-party peers will be skipped"; fi

bench: $(STAMP) ## measure, as ratios taken in one run
	$(BIN)/python -m tests.benchmarks $(ARGS)

docs: $(STAMP) ## regenerate the pages that are made from code
	$(BIN)/python -m schemas.pages docs/reference/documents
	$(BIN)/python -m tests.docs docs

screenshots: $(STAMP) ## take the pictures in docs/ from the running product (needs Chromium)
	$(BIN)/python -m tests.browser.screenshots docs/explanation/screenshots

lock: ## compile requirements/*.in into hash-pinned *.txt (needs uv)
	for name in build runtime development; do \
	  uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-header --no-annotate requirements/$$name.in -o requirements/$$name.txt; done

clean: ## remove what the targets above made
	rm -rf .venv var build dist test-results tests/peers/node_modules
