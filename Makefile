# Everything runs from one virtual environment, .venv, made on first use. The package in it is the
# wheel built from this tree, so what is tested is what would be released.
#
#   make demo    train a small model on Quest and replay it     make lint   the fast checks only
#   make test    every check and test                           make bench  the benchmarks
#   make venv    only prepare .venv                             make clean  remove what make made
#
# PYTHON=python3.12 picks the interpreter, WORKERS=4 the number of test processes, ARGS="-k name"
# goes to pytest.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV := .venv
BUILD := .build
BIN := $(VENV)/bin
PYTHON ?=
WORKERS ?= 2
ARGS ?=
EXTRAS := api,dev,games,openspiel,report,stats,train

# The tree must never be imported in place of the wheel.
export PYTHONSAFEPATH := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

SOURCES := $(shell find envgym -type f ! -name '*.pyc' | LC_ALL=C sort)
# A deleted file leaves no newer one behind: the list itself is part of the stamp's name.
LISTED := $(shell printf '%s' '$(SOURCES)' | cksum | cut -d' ' -f1)
MADE := $(VENV)/.stamps/made
NEEDS := $(VENV)/.stamps/needs
WHEEL := $(VENV)/.stamps/wheel-$(LISTED)

.PHONY: help venv demo test lint types bubblewrap bench clean

help:
	@sed -n 's/^#   //p' Makefile

venv: $(WHEEL)

$(MADE):
	@chosen=; for python in $(or $(PYTHON),python3 python3.13 python3.12 python3.11); do \
	  if "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; \
	  then chosen=$$python; break; fi; done; \
	if [ -z "$$chosen" ]; then \
	  echo "envgym needs Python 3.11 to 3.13 and none was found; install one, or name it: make PYTHON=/path/to/python" >&2; \
	  exit 1; fi; \
	if ! "$$chosen" -c 'import ensurepip, venv' 2>/dev/null; then \
	  package=$$("$$chosen" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'); \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && apt-get install -y -qq "$$package"; \
	  else echo "Python's venv module is missing; install it: apt-get install $$package" >&2; exit 1; fi; fi; \
	rm -rf $(VENV); "$$chosen" -m venv $(VENV); mkdir -p $(@D); touch $@

# Installs what the package needs; again only if pyproject.toml or the pins change.
$(NEEDS): $(MADE) pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --constraint constraints.txt setuptools wheel
	@rm -rf $(BUILD)/needs && mkdir -p $(BUILD)/needs/envgym
	@cp pyproject.toml LICENSE NOTICE $(BUILD)/needs && : >$(BUILD)/needs/README.md && : >$(BUILD)/needs/envgym/__init__.py
	@echo "installing the dependencies of envgym[$(EXTRAS)]; the first time takes some minutes"
	$(BIN)/python -m pip install --constraint constraints.txt --no-build-isolation --quiet "./$(BUILD)/needs[$(EXTRAS)]"
	@rm -rf $(BUILD)/needs; touch $@

# setuptools reuses what an earlier build left behind, so it builds from a clean copy.
$(WHEEL): $(NEEDS) $(SOURCES) README.md LICENSE NOTICE
	@rm -rf $(BUILD)/tree $(BUILD)/dist && mkdir -p $(BUILD)/tree
	@cp -R envgym pyproject.toml README.md LICENSE NOTICE $(BUILD)/tree
	@find $(BUILD)/tree -name __pycache__ -prune -exec rm -rf {} +
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir $(BUILD)/dist ./$(BUILD)/tree
	$(BIN)/python -m pip install --quiet --no-deps --force-reinstall $(BUILD)/dist/envgym-*.whl
	@cd $(BUILD) && ../$(BIN)/python -c 'import sys, envgym; sys.exit(f"envgym comes from {envgym.__file__}, not from .venv" if not envgym.__file__.startswith(sys.prefix) else 0)'
	@rm -rf $(BUILD)/tree $(VENV)/.stamps/wheel-*; touch $@

demo: $(WHEEL)
	$(BIN)/envgym demo

lint: $(WHEEL)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

# From another folder, so that the installed wheel is what is checked.
types: $(WHEEL)
	cd $(BUILD) && ../$(BIN)/mypy --config-file ../pyproject.toml -p envgym

# One thread per process, because the processes fill the machine; and no test needs the network.
test: export OMP_NUM_THREADS := 1
test: export TOKENIZERS_PARALLELISM := false
test: export HF_HUB_OFFLINE := 1
test: lint types bubblewrap
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

# Sandbox tests start real sandboxes; without bubblewrap they are skipped and say so.
bubblewrap:
	@if ! command -v bwrap >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && apt-get install -y -qq bubblewrap || true; fi; \
	command -v bwrap >/dev/null || echo "bubblewrap is missing and could not be installed (apt-get install bubblewrap): its tests will be skipped" >&2

bench: $(WHEEL)
	@for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python "$$script"; done

clean:
	rm -rf $(VENV) $(BUILD) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
