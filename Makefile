# Two commands for a newcomer: `make demo` and `make test`. Both make what they need in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check unit soak bench clean setup

demo: $(VENV)/examples  ## set up, run the example project for real, say what to open next
	$(BIN)/python example_notebooks/demo.py

test: check unit wheel  ## all checks and tests

setup: $(VENV)/test

check: $(VENV)/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

unit: $(VENV)/test
	$(BIN)/python -m pytest -q

wheel: $(VENV)/test
	$(BIN)/python tests/wheel_smoke.py

soak: $(VENV)/test  ## the long forms of the crash, concurrency and fuzz suites
	$(BIN)/python -m pytest -q -m soak --timeout 3600

bench: $(VENV)/test  ## every benchmark, one JSON line each
	@for script in benchmarks/*.py; do $(BIN)/python $$script || exit 1; done

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) -V). Set PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --upgrade pip

$(VENV)/examples: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q -e '.[examples]'
	@touch $@

$(VENV)/test: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q -e '.[test]'
	@touch $@ $(VENV)/examples

clean:
	rm -rf $(VENV) dist demo_project .mypy_cache .ruff_cache .pytest_cache
