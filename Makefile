# `make demo` and `make test` each do all their own set-up; nothing is installed by hand.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: demo test days lint types fast golden profile look bench soak docs lock clean
.DEFAULT_GOAL := demo

$(STAMP): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "leadops needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 $(MAKECMDGOALS)")'
	@echo "setting up $(VENV) (once) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP)
	@bash playbooks/demo.sh $(BIN)/leadops

test: $(STAMP) lint types
	$(BIN)/python -m pytest -n 2 -m "not soak and not look" $(if $(T),tests/$(T))

# From core to report, without the suites that start processes; `make test T=engine` is one folder of tests.
fast: $(STAMP) lint types
	$(BIN)/python -m pytest -n 2 -q -m "not soak and not look" tests/core tests/syntax tests/analysis tests/predicate \
	  tests/planner tests/report tests/architecture

golden: $(STAMP)
	$(BIN)/python -m tests.syntax.corpus
	$(BIN)/python -m tests.docs.reference > docs/cli.md.new && mv docs/cli.md.new docs/cli.md

# Where a command spends its time: make profile CMD="check big.lead"
profile: $(STAMP)
	$(BIN)/python -m cProfile -s cumulative -m leadops $(CMD)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/codespell

types: $(STAMP)
	$(BIN)/mypy

# The suites that depend on the date, under other dates: the year's end, a leap day, changing clocks.
days: $(STAMP)
	$(BIN)/python -m tests.days

look: $(STAMP)
	@bash tests/look/run.sh $(BIN)/python

bench: $(STAMP)
	$(BIN)/python -m tests.benchmarks

soak: $(STAMP)
	$(BIN)/python -m pytest -n 2 -m soak

docs: $(STAMP)
	$(BIN)/python -m pytest -n 2 tests/docs tests/examples/test_lint.py

# Refreshes the pins; needs uv. No address of a registry is written.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --no-annotate --group dev pyproject.toml -o requirements/dev.txt

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache
