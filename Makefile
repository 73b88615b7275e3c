# The few commands that make everything: `make help` lists them.
# POSIX make and sh; nothing is needed beforehand but Python 3.11 or newer and a package index.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
JUDGES := tests/letters/judges/node_modules/.package-lock.json
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes

export DJANGO_SETTINGS_MODULE = digest.settings

.PHONY: help demo dev test test-embedded test-journeys test-servers test-long judges lint bench lock messages screenshots clean

help:  ## list these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: $(VENV)/.runtime  ## run everything on this machine with sample papers (PORT=8000)
	@$(PY) manage.py demo

dev: $(VENV)/.dev  ## the demo, restarted whenever the code changes
	@$(PY) manage.py demo --reload

test: test-embedded test-journeys test-servers  ## all tests: SQLite, a real browser, PostgreSQL and Redis (make -j3)

test-embedded: $(VENV)/.dev $(JUDGES)  ## the tests on SQLite and the filesystem broker
	$(PY) -m tests.stack embedded -m "not journey and not browser" $(ARGS)

test-journeys: $(VENV)/.dev  ## the tests through real processes and a real browser, on SQLite
	$(PY) -m tests.stack embedded -m "journey or browser" $(ARGS)

test-servers: $(VENV)/.dev  ## the tests on PostgreSQL and Redis
	$(PY) -m tests.stack servers $(ARGS)

test-long: $(VENV)/.dev  ## all cases of the tests that look at a tenth: bent pages, recorded days, clocks
	TEST_LONG=1 $(PY) -m tests.stack embedded $(LONG)
	TEST_LONG=1 $(PY) -m tests.stack servers tests/digest/test_ingest_fuzzed.py

LONG := tests/digest/sources/test_fuzzed.py tests/digest/test_replay.py tests/digest/test_masking.py \
	tests/subscriptions/test_cadence_everywhere.py

judges: $(VENV)/.dev $(JUDGES)  ## all letters before all who judge them (needs npm, chromium, java, spamassassin)
	TEST_LONG=1 $(PY) -m tests.stack embedded tests/letters $(ARGS)

lint: $(VENV)/.dev  ## ruff, mypy, import contracts, templates, migrations, deployment checks
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/djlint templates --lint --quiet
	$(PY) -m tests.deployment_check

bench: $(VENV)/.dev  ## run all benchmarks; each prints JSON
	@for script in benchmarks/*.py; do echo "== $$script"; $(PY) $$script || exit 1; done

messages: $(VENV)/.dev  ## gather what is to be translated into locale/, and compile it (needs gettext)
	$(PY) manage.py makemessages
	$(PY) manage.py compilemessages --ignore $(VENV)

screenshots: $(VENV)/.dev  ## make the pictures in docs/screenshots anew (needs chromium)
	$(PY) -m tests.screenshots

lock: $(VENV)/.dev  ## compute the requirements locks from pyproject.toml anew
	$(VENV)/bin/uv pip compile $(LOCK) pyproject.toml -o requirements.txt
	$(VENV)/bin/uv pip compile $(LOCK) --extra semantic -c requirements.txt pyproject.toml -o requirements-semantic.txt
	$(VENV)/bin/uv pip compile $(LOCK) --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt

LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header

clean:  ## remove the environment, the demo's data and what tests installed
	rm -rf $(VENV) var $(dir $(JUDGES))

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Paper Round needs Python 3.11 or newer; this is %s. Name one: make PYTHON=python3.12 demo" % sys.version.split()[0] or 0)'
	@$(PYTHON) -m venv $(VENV) || { echo "python3 -m venv failed; on Debian and Ubuntu: apt-get install python3-venv" >&2; rm -rf $(VENV); exit 1; }

$(VENV)/.runtime: requirements.txt | $(PY)
	@echo "Installing what Paper Round needs (once) ..."
	@test -e $(VENV)/.dev || $(PIP) -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt | $(PY)
	@echo "Installing what the tests need (once) ..."
	@$(PIP) -r requirements-dev.txt
	@touch $@ $(VENV)/.runtime

# The tests that need them say so where npm is missing.
$(JUDGES): tests/letters/judges/package-lock.json
	@if command -v npm >/dev/null; then \
	  echo "Installing those who judge the letters (once) ..." && \
	  npm ci --prefix tests/letters/judges --ignore-scripts --silent && touch $@; \
	fi
