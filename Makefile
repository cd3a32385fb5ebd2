# Each target works from a bare clone: it sets up .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST_ARGS ?=# further arguments of pytest, such as PYTEST_ARGS="-n 0 tests/restore"

.PHONY: demo serve test coverage lint bench supply docs ci clean

demo: $(VENV)/.ready
	mkdir -p demo
	$(BIN)/python cli.py deblur samples/clock.png --psf motion -o demo/clock.restored.png --force

serve: $(VENV)/.ready
	$(BIN)/python cli.py serve

# On small arrays the threads of BLAS only get in each other's way. A file's tests stay together, so that what they share
# (a browser, a built site, an estimated blur) is made once. Bytecode is kept: the programs that tests start load it.
test: $(VENV)/.ready
	PYTHONDONTWRITEBYTECODE= OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadfile $(PYTEST_ARGS)

coverage: PYTEST_ARGS += --cov --cov-report=term-missing:skip-covered
coverage: test

lint: $(VENV)/.lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.ready
	$(BIN)/python benchmarks/speed.py

# The tests with the lowest and the newest releases of what is needed, their licences, an installed wheel at work.
supply: $(VENV)/.ready
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m supply tests/packaging $(PYTEST_ARGS)

docs: $(VENV)/.docs
	rm -rf docs/_build docs/api docs/gallery  # nothing of an older build remains
	OMP_NUM_THREADS=1 MPLBACKEND=Agg $(BIN)/python -m sphinx -b html -W --keep-going -n -q -d docs/_build/doctrees docs docs/_build/html
	@echo "The guide: docs/_build/html/index.html"

# Everything that .ci/run needs installed: with Sphinx, the tests of the built guide run and are not skipped.
ci: $(VENV)/.lint $(VENV)/.docs

clean:
	rm -rf $(VENV) demo build dist docs/_build docs/api docs/gallery *.egg-info
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.*

$(VENV)/.ready: pyproject.toml constraints.txt deconv/__init__.py
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[test,browser]' --constraint constraints.txt
	touch $@

$(VENV)/.lint: $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --editable '.[test,lint]' --constraint constraints.txt
	touch $@

$(VENV)/.docs: $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --editable '.[test,docs]' --constraint constraints.txt
	touch $@
