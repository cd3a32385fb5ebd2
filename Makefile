# Each target works from a bare clone: it sets up .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint bench docs clean

demo: $(VENV)/.ready
	mkdir -p demo
	$(BIN)/python cli.py deblur samples/clock.png --psf motion -o demo/clock.restored.png --force

test: $(VENV)/.ready
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest  # on small arrays the threads of BLAS only get in each other's way

lint: $(VENV)/.lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.ready
	$(BIN)/python benchmarks/speed.py

docs: $(VENV)/.docs
	rm -rf docs/_build docs/api docs/gallery  # nothing of an older build remains
	OMP_NUM_THREADS=1 MPLBACKEND=Agg $(BIN)/python -m sphinx -b html -W --keep-going -n -q -d docs/_build/doctrees docs docs/_build/html
	@echo "The guide: docs/_build/html/index.html"

clean:
	rm -rf $(VENV) demo build docs/_build docs/api docs/gallery *.egg-info .pytest_cache .mypy_cache .ruff_cache

$(VENV)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[test,browser]' --constraint constraints.txt
	touch $@

$(VENV)/.lint: $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --editable '.[test,lint]' --constraint constraints.txt
	touch $@

$(VENV)/.docs: $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --editable '.[test,docs]' --constraint constraints.txt
	touch $@
