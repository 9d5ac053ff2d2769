# Everything a newcomer needs: `make demo` and `make test`. Nothing here needs root.
SHELL := /bin/bash
PYTHON ?= python3
PY := .venv/bin/python
# each command first has what it needs got, and tried: what is there and works costs a fraction of a second
READY = command -v $(PYTHON) >/dev/null || \
	{ echo "There is no $(PYTHON) here: name one that is, as in make PYTHON=python3.12 …" >&2; exit 1; }; $(PYTHON) -m ivr.provision.ready
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PYTHONUNBUFFERED = 1
# an environment that forbids it (containers like to) would compile the project anew for every process that starts
export PYTHONDONTWRITEBYTECODE =
# whoever calls and is called waits more than they work: five share two cores
FIVE := -n 5 --dist loadfile --no-loadscope-reorder

.PHONY: help demo call run test test-all check bench setup models speech-model corpus release lock audit clean

help:            ## what can be made
	@grep -hE '^[a-z-]+: .*##|^[a-z-]+:  +##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: ## set everything up, then let a recorded caller ring a real Asterisk (ONCE=1: end after that call)
	@echo "Looking for what the demo needs …"
	@$(READY) demo
	@$(PY) -m ivr.provision.models --optional
	@echo "Starting the demo …"
	@$(PY) -m ivr.lab.demo $(if $(ONCE),--once)

call:            ## one more caller for the running demo: WHO=lin|anna|tom|wang|parcel|book|moving|balance|stranger|withheld
	@test -x $(PY) || { echo "There is no demo to call: start it with \`make demo\`, and call from another terminal."; exit 1; }
	@$(PY) -m ivr.lab.demo.call $(WHO)

run: ## run the server with config.toml on your own Asterisk
	@$(READY) run
	@$(PY) -m ivr.provision.models --optional
	@$(PY) -m ivr serve

test: ## the tests, against the real Asterisk, PostgreSQL, SIPp and Chromium (ONE=tests/…: those of one file, all of them)
	@$(READY) test
	@$(if $(ONE),TESTS=all $(PY) -m pytest $(ONE),$(PY) -m pytest $(FIVE))

test-all: ## the long ones too: measuring tools, the bench, every recorded call, more random callers and requests
	@$(READY) test
	@TESTS=all $(PY) -m pytest $(FIVE)

check: ## format, lint, types, settings and dialogues
	@$(READY) test
	@.venv/bin/ruff format --check . && .venv/bin/ruff check . && .venv/bin/mypy && $(PY) -m ivr check

bench: ## measure: ring to pop, response, CPU; 200 desks; callers and a day beside a keypad menu; what each part costs
	@$(READY) test
	@$(PY) -m ivr.bench

setup: ## the Python parts, the sentence encoder and the page's phone only
	@$(READY) run --again

models: ## fetch the official speech models
	@$(READY) run --again
	@$(PY) -m ivr.provision.models

speech-model: ## make the bundled model anew from the dialogues (DIALOGUES=dialplans OUT=audio/models/bundled-en): see docs/dialogues.md
	@$(READY) python
	@$(PY) -m tools.speech_model.build --dialogues $(or $(DIALOGUES),dialplans) --out $(or $(OUT),audio/models/bundled-en)

corpus: ## make our own corpus of recorded calls anew from its script, and replay it
	@$(READY) test
	@$(PY) -m ivr corpus make audio/corpus/script/calls.toml audio/corpus
	@$(PY) -m ivr replay audio/corpus

release: ## build wheel and sdist into dist/, install the wheel into an empty environment elsewhere, and try it there
	@$(READY) test
	@rm -rf dist build
	@$(PY) -m hatchling build
	@$(PY) -m tools.release dist

lock:            ## write the lock files anew from pyproject.toml (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header --extra setup pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header --extra setup --extra dev pyproject.toml -c requirements.lock -o requirements-dev.lock

# known faults that we live with, each with the reason why: --ignore-vuln ID
ACCEPTED :=

audit: ## ask the package index for known faults of what the lock files name (needs its JSON of a version: docs/decisions.md)
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && $(PYTHON) -m venv $$folder \
	  && $$folder/bin/pip install -q pip-audit \
	  && $$folder/bin/pip-audit --strict --disable-pip --require-hashes $(ACCEPTED) -r requirements-dev.lock

clean:           ## forget everything that was set up, fetched or rendered
	rm -rf .venv .cache audio/cache var
