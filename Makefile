# Everything a newcomer needs: `make demo` and `make test`. Nothing here needs root.
SHELL := /bin/bash
PYTHON ?= python3
PY := .venv/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PYTHONUNBUFFERED = 1

.PHONY: help demo call run test check bench setup models speech-model corpus lock clean

help:            ## what can be made
	@grep -hE '^[a-z-]+: .*##|^[a-z-]+:  +##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: .venv/demo ## set everything up, then let a recorded caller ring a real Asterisk (ONCE=1: end after that call)
	@$(PY) -m ivr.provision.models
	@$(PY) -m ivr.lab.demo $(if $(ONCE),--once)

call:            ## one more caller for the running demo: WHO=lin|anna|tom|wang|parcel|book|moving|balance|stranger|withheld
	@$(PY) -m ivr.lab.call $(WHO)

run: .venv/run   ## run the server with config.toml on your own Asterisk
	@$(PY) -m ivr.provision.models
	@$(PY) -m ivr serve

test: .venv/test ## every test, against the real Asterisk, PostgreSQL, SIPp and Chromium
	@$(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: .venv/test ## format, lint, types, settings and dialogues
	@.venv/bin/ruff format --check . && .venv/bin/ruff check . && .venv/bin/mypy && $(PY) -m ivr check

bench: .venv/test ## measure: ring to pop, response, CPU; 200 desks; callers and a day beside a keypad menu; what each part costs
	@$(PY) -m ivr.lab.bench

setup: .venv/run ## the Python parts, the sentence encoder and the page's phone only

models: .venv/run ## fetch the official speech models
	@$(PY) -m ivr.provision.models

speech-model: .venv/python ## make the bundled model anew from the dialogues (DIALOGUES=dialplans OUT=audio/models/bundled-en): see docs/dialogues.md
	@$(PY) -m tests.speech_model.build --dialogues $(or $(DIALOGUES),dialplans) --out $(or $(OUT),audio/models/bundled-en)

# -- set-up, each step once ---------------------------------------------------------------------------------------------

.venv/python: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name it with make PYTHON=python3.12 …" >&2; exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv .venv || { echo "python3 -m venv failed: install your system's python3-venv package, then try again" >&2; exit 1; }
	@echo "Installing the Python parts into .venv (a minute the first time) …"
	@$(PY) -m pip install --quiet --require-hashes -r requirements.lock || { echo "pip could not install the Python parts: see above, then run make again" >&2; exit 1; }
	@$(PY) -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.venv/run: .venv/python
	@$(PY) -m ivr.provision.encoder --optional
	@$(PY) -m ivr.provision.softphone --optional
	@touch $@

.venv/demo: .venv/run
	@$(PY) -m ivr.provision asterisk
	@touch $@

.venv/test: .venv/demo requirements-dev.lock
	@$(PY) -m pip install --quiet --require-hashes -r requirements-dev.lock
	@$(PY) -m ivr.provision postgresql sipp chromium graphviz flite
	@touch $@

corpus: .venv/test ## make our own corpus of recorded calls anew from its script, and replay it
	@$(PY) -m ivr corpus make audio/corpus/script/calls.toml audio/corpus
	@$(PY) -m ivr replay audio/corpus

lock:            ## write the lock files anew from pyproject.toml (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header --extra setup pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header --extra setup --extra dev pyproject.toml -c requirements.lock -o requirements-dev.lock

clean:           ## forget everything that was set up, fetched or rendered
	rm -rf .venv .cache audio/cache var
