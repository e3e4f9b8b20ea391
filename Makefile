# Each target sets up what it needs. Python 3.11 and make are all that has to be there.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
# PyPI's build of PyTorch for Linux brings gigabytes of CUDA along, so there the CPU build is asked for by its name,
# which PyPI has not: where PyTorch's own index does not answer, nothing is installed.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
TORCH := torch==2.13.0$(if $(filter Linux,$(shell uname -s)),+cpu)
export TF_CPP_MIN_LOG_LEVEL ?= 2

.PHONY: run test check format bench setup setup-dev clean

run: setup ## serve the page (HOST and PORT change where)
	$(RUN) app.py

test: setup-dev ## all tests
	$(RUN) -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: setup-dev ## lint, format, types, then the contracts (import directions, documentation, metadata)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(RUN) -m pytest tests/contract

format: setup-dev ## mend what can be mended by a tool
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

bench: setup-dev ## measure, as ratios taken in one run
	$(RUN) -m benchmarks

setup: $(VENV)/runtime.done ## the virtual environment with the runtime
setup-dev: $(VENV)/dev.done ## the same with the tools for tests and a browser

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed. Received: " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --upgrade pip

$(VENV)/runtime.done: requirements.txt pyproject.toml | $(VENV)/bin/python
	$(RUN) -m pip install --quiet -r requirements.txt
	$(RUN) -m pip install --quiet --no-deps -e .
	touch $@

$(VENV)/dev.done: $(VENV)/runtime.done tools/install_browser.sh
	$(RUN) -m pip install --quiet -e ".[dev]"
	$(RUN) -m pip install --quiet --retries 1 --timeout 30 --extra-index-url $(TORCH_INDEX) "$(TORCH)" \
	  || echo "$(TORCH) cannot be installed here; its oracle tests will say so and skip"
	sh tools/install_browser.sh $(RUN)
	touch $@

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .gradio
