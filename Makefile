# UZO's commands. `make help` lists them.
.DEFAULT_GOAL := help
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
# Where an environment forbids it, each of UZO's programs would compile all that it imports at every start.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
UZO := $(BIN)/python -m uzo.local
FRONTEND := apps/studio/frontend
ROWS := apps/connectors/catalog/postgresql/libbinary_rows
ONLY ?=

# python3 first, since it is the one people expect; 3.11 to 3.13 are tested.
define FIND_PYTHON
for python in $(PYTHON) python3 python3.13 python3.12 python3.11 python; do \
  if $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; \
  then command -v $$python; exit; fi; done
endef

.NOTPARALLEL:
.PHONY: help run demo stop test bench bench-studio drills lock lint format studio compiled screenshots chromium clean clean-venv

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: $(VENV)/.local studio compiled ## Start UZO with its demo on http://localhost:8000, until Ctrl-C
	@exec $(UZO) run

demo: $(VENV)/.local studio compiled ## Start UZO, run the sample workflow once, stop
	@exec $(UZO) demo

stop: $(VENV)/.local ## Stop a UZO that runs from this folder, and all it started
	@$(UZO) stop

test: $(VENV)/.dev studio compiled chromium ## Check style, types, imports; run every test on embedded services
	@$(UZO) test

bench: $(VENV)/.dev studio compiled ## Measure; one figure only with ONLY=name
	@exec $(BIN)/python -m tests.bench $(ONLY)

bench-studio: $(VENV)/.dev studio compiled chromium ## Measure the pages in a browser: sizes, a canvas of 1,000 nodes
	@exec $(BIN)/python -m tests.bench.studio

drills: $(VENV)/.dev compiled ## Kill workers and servers at random, KILLS=500 times, and count what was lost
	@exec $(BIN)/python -m tests.drills --kills $(or $(KILLS),500) $(if $(SEED),--seed $(SEED))

lint: $(VENV)/.dev ## Check style, types and imports
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy . && $(BIN)/lint-imports

format: $(VENV)/.dev ## Format the code
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

studio: static/studio/.built ## Build the pages

compiled: $(ROWS).so ## Compile what reads PostgreSQL fast, where there is a C compiler

screenshots: $(VENV)/.dev studio compiled chromium ## Take pictures of every page of the demo, and the README's
	@exec $(BIN)/python -m tests.e2e.studio.screenshots

chromium: ## Find or install the browser that the tests drive
	@sh tests/e2e/chromium.sh

clean: ## Remove all of UZO's data on this machine (databases, files, logs)
	@if [ -x $(BIN)/python ]; then $(UZO) clean; else rm -rf .uzo; fi

clean-venv: ## Remove the virtual environment and the built pages
	rm -rf $(VENV) $(ROWS).so static/studio $(FRONTEND)/node_modules

# --- Requirements: hash-locked, one lock for all platforms ------------------------------------

LOCKS := bootstrap core base connectors local dev
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url

lock: $(VENV)/.uv ## Compile requirements/*.in to hash-locked *.txt; UPGRADE=1 moves to newer versions
	$(COMPILE) $(if $(UPGRADE),--upgrade) requirements/dev.in -o requirements/dev.txt
	$(foreach name,$(filter-out dev,$(LOCKS)),$(COMPILE) --constraint requirements/dev.txt requirements/$(name).in -o requirements/$(name).txt$(newline))
	$(COMPILE) $(if $(UPGRADE),--upgrade) requirements/peers.in -o requirements/peers.txt

define newline


endef

# --- Setting up: each stamp is made once, and again when its lock has changed -----------------

$(VENV)/bin/python:
	@python="$$($(FIND_PYTHON))"; \
	if [ -z "$$python" ]; then \
	  echo "UZO needs Python 3.11, 3.12 or 3.13, and none was found."; \
	  echo "  Install one (Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python@3.13),"; \
	  echo "  or name one: make run PYTHON=/path/to/python3.13"; exit 1; fi; \
	echo "Making a virtual environment with $$python ($$($$python --version))"; \
	rm -rf $(VENV); \
	$$python -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "The virtual environment could not be made. On Debian and Ubuntu: apt install python3-venv"; exit 1; }

$(VENV)/.uv: requirements/bootstrap.txt | $(VENV)/bin/python
	@echo "Installing uv"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@touch $@

# dev.txt holds all of local.txt: an environment for tests also runs UZO, and is left as it is.
$(VENV)/.local: requirements/local.txt | $(VENV)/.uv
	@if [ -e $(VENV)/.dev ]; then set -- dev; else set -- local; fi; $(call SYNC,$$1)
	@touch $@

$(VENV)/.dev: requirements/dev.txt | $(VENV)/.uv
	@set -- dev; $(call SYNC,$$1)
	@touch $@ $(VENV)/.local

SYNC = echo "Installing requirements/$(1).txt (the first time takes a minute)"; \
  $(BIN)/uv pip sync --require-hashes --python $(BIN)/python requirements/$(1).txt

# --- The pages: Node from the system if it is new enough, else from a wheel --------------------

NODE_SOURCES = $(shell find $(FRONTEND) -name node_modules -prune -o -type f -print 2>/dev/null)

static/studio/.built: $(NODE_SOURCES) | $(VENV)/.local
	@if [ ! -d $(FRONTEND) ]; then echo "No pages to build: $(FRONTEND) is not there."; \
	else $(BIN)/python -m uzo.local.node build; fi
	@mkdir -p static/studio && touch $@

# --- What is compiled: nothing needs it -------------------------------------------------------

$(ROWS).so: $(subst libbinary,binary,$(ROWS)).c
	@rm -f $@; if ! command -v $(CC) >/dev/null; then \
	  echo "There is no C compiler ($(CC)): PostgreSQL is read by a driver that takes longer."; \
	elif ! $(CC) -O3 -Wall -Wextra -shared -fPIC -o $@.new $<; then \
	  echo "$< could not be compiled: PostgreSQL is read by a driver that takes longer."; \
	else mv $@.new $@; fi
