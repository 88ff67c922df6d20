# Rapport: two commands matter, `make demo` and `make test`. Each installs what it needs, and both may be run twice.

.DEFAULT_GOAL := help
SHELL := /bin/bash
PORT ?= 8000
ONLY ?=
ARGS ?=

export UV_PROJECT_ENVIRONMENT := $(CURDIR)/.venv
export UV_LINK_MODE := copy
# threads of arithmetic would fight with the test processes over the cores
export OMP_NUM_THREADS := 1
# the tests start many processes, and each would compile all modules anew where a machine forbids to keep them
export PYTHONDONTWRITEBYTECODE :=
UV := $(or $(shell command -v uv 2>/dev/null),$(CURDIR)/.tools/bin/uv)
RUN := $(CURDIR)/.venv/bin

.PHONY: help demo test trust bench screenshots lint docs look catalogue clean browser

help: ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: .venv/.product ## install everything, load and fit the demo clinic, serve it at http://localhost:8000 (PORT= ARGS=)
	@PORT=$(PORT) $(RUN)/rapport demo $(ARGS)

test: .venv/.dev browser ## install everything and run every test (ARGS= goes to pytest)
	@$(RUN)/python -m pytest -n 2 --dist loadscope $(ARGS)

trust: .venv/.dev browser ## the long proofs: kills, races, fuzzing, floods; writes build/trust.json
	@$(RUN)/python -m pytest --long $(ARGS)

bench: .venv/.dev ## timings and accuracy beside peers (ONLY=alliance, accuracy, coverage, drift, insteval, ...)
	@$(RUN)/python -m benchmarks $(ONLY) $(ARGS)

screenshots: .venv/.dev browser ## every page at 390 and 1280 px, light and dark, into build/screenshots
	@$(RUN)/python -m tests.browser.screenshots

lint: .venv/.dev ## ruff, mypy, the lock file, known vulnerabilities
	@$(RUN)/ruff check . && $(RUN)/ruff format --check . && $(RUN)/mypy && $(UV) lock --check

docs: .venv/.dev ## the documentation as HTML into docs/_build
	@$(UV) run --frozen --all-extras --group docs sphinx-build -q -W -b html docs docs/_build && echo "docs/_build/index.html"

look: ## the style sheet anew from web/look (needs npm)
	@bash web/look/build.sh

catalogue: .venv/.dev ## the sentences for translators anew: web/wording/catalogues/messages.pot
	@PYTHONPATH=. $(RUN)/python -m web.wording.extraction

clean: ## remove what can be made again
	@rm -rf .venv .tools build dist docs/_build .pytest_cache .mypy_cache .ruff_cache .hypothesis

# The stamps say which environment stands. The demo needs the product alone; the tests need all.
.venv/.product: pyproject.toml uv.lock | $(UV)
	@test -e .venv/.dev || $(UV) sync --quiet --frozen --no-default-groups --extra postgres
	@test -d .venv && touch $@

.venv/.dev: pyproject.toml uv.lock | $(UV)
	@$(UV) sync --quiet --frozen --all-extras && touch $@ .venv/.product

$(CURDIR)/.tools/bin/uv:
	@echo "fetching uv into .tools" >&2
	@python3 -m pip install --quiet --disable-pip-version-check --no-warn-script-location --root-user-action=ignore --target .tools uv

browser:
	@bash tests/browser/install.sh
