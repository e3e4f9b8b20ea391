# Each target sets up what it needs. Python 3.11 and make are all that has to be there.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
# PyPI's build of PyTorch for Linux brings gigabytes of CUDA along, so there the CPU build is asked for by its name,
# which PyPI has not. PyTorch's own index is asked only where it answers, and otherwise nothing waits for it.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
TORCH := torch==2.13.0$(if $(filter Linux,$(shell uname -s)),+cpu)
export TF_CPP_MIN_LOG_LEVEL ?= 2

.PHONY: run lint test test-fast check coverage format bench wheel architecture docs screenshots lock setup setup-dev clean help

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile

run: setup ## serve the page (HOST and PORT change where)
	$(RUN) app.py

lint: setup-dev ## style and format
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

test: setup-dev ## all tests
	$(RUN) -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test-fast: setup-dev ## what answers within a minute and a half: no browser, no ../shared, no whole networks
	$(RUN) -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not slow"

check: lint ## lint, types, import directions, then the other contracts (documentation, metadata)
	@rm -f resnet_demo/ui/*.pyi # Gradio writes these beside its subclasses; two processes at once make nonsense of them
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-logo --no-cache
	$(RUN) -m pytest tests/contract

coverage: setup-dev ## all tests, and which lines of the package they run
	$(RUN) -m pytest -n 2 --dist loadfile --no-loadscope-reorder --cov --cov-report=term:skip-covered

format: setup-dev ## mend what can be mended by a tool
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

bench: setup-dev ## measure, as ratios taken in one run
	$(RUN) -m benchmarks
	$(RUN) -m benchmarks.atlas --rounds 2

wheel: setup-dev ## dist/*.whl, which brings its weights along
	rm -rf build
	$(RUN) -m build --wheel --outdir dist .

architecture: setup-dev ## docs/architecture.md: the picture of the imports as they are
	$(RUN) tools/draw_architecture.py

docs: setup-dev ## site/: the manual as a web site
	NO_MKDOCS_2_WARNING=1 $(VENV)/bin/mkdocs build --strict --quiet

screenshots: setup-dev ## the pictures of the README, taken of the page as it is
	$(RUN) tools/take_screenshots.py

lock: setup-dev ## requirements.txt out of pyproject.toml: every package that is installed, on every system
	$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 pyproject.toml -o requirements.txt

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

$(VENV)/dev.done: $(VENV)/runtime.done tools/install_browser.sh tools/install_torch.sh
	$(RUN) -m pip install --quiet -c requirements.txt -e ".[dev]"
	sh tools/install_torch.sh $(RUN) "$(TORCH)" "$(TORCH_INDEX)"
	sh tools/install_browser.sh $(RUN)
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .gradio .coverage
