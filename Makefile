# Gishe: `make run` and `make test` are the whole set-up. Both work on a fresh clone with Python 3.11 or newer.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SHELL := /bin/sh
JOBS ?= 2

.PHONY: run test coverage lint format bench catalogues lock clean

run: $(VENV)/run.stamp
	@$(BIN)/gishe run

test: $(VENV)/dev.stamp
	CHROMIUM=$$(scripts/ensure_chromium) && export CHROMIUM && \
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(OPTIONS) $(TESTS)

# The same with the lines that no test reaches; the tracing takes as long again.
coverage: $(VENV)/dev.stamp
	CHROMIUM=$$(scripts/ensure_chromium) && export CHROMIUM && \
	$(BIN)/python -m pytest -n $(JOBS) --cov --cov-report=term:skip-covered $(TESTS)

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/dev.stamp $(VENV)-run/stamp
	$(BIN)/python -m bench.search
	$(BIN)/python -m bench.inbound --python $(VENV)-run/bin/python

# What only developers need is in no installation that runs, and must not be in what is measured.
$(VENV)-run/stamp: requirements.txt
	@scripts/ensure_venv $(PYTHON) $(VENV)-run
	$(VENV)-run/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

# Collects the sentences of the code; new ones wait in locales/*/LC_MESSAGES/gishe.po for their translation.
catalogues: $(VENV)/dev.stamp
	$(BIN)/python scripts/catalogues.py

# Pins every dependency with its hash, for all platforms; and what the library of holidays says of the national days.
lock: $(VENV)/dev.stamp
	$(BIN)/uv pip compile -q pyproject.toml --no-strip-extras --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --upgrade -o requirements.txt
	$(BIN)/uv pip compile -q pyproject.toml --no-strip-extras --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url -c requirements.txt --upgrade -o requirements-dev.txt
	$(MAKE) $(VENV)/dev.stamp && $(BIN)/python scripts/national_days.py

$(VENV)/run.stamp: requirements.txt pyproject.toml
	@scripts/ensure_venv $(PYTHON) $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt pyproject.toml
	@scripts/ensure_venv $(PYTHON) $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@ $(VENV)/run.stamp

clean:
	rm -rf $(VENV) $(VENV)-run .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage build *.egg-info
