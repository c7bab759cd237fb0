# Every target does its own set-up. Only Python 3.11 or newer and make are needed for demo, test and run.
HOME_DIR := $(or $(REMISSVAKT_HOME),$(CURDIR))
BIN := $(HOME_DIR)/.venv/bin
export PYTHONDONTWRITEBYTECODE ?= $(if $(REMISSVAKT_HOME),1,)

.PHONY: help demo test run two-nodes check interop bench bench-detection bench-paths bench-peers bench-load bench-soak faults mutants lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort

demo: ## a scripted outage at two hospitals, narrated; PORT=, SEED=, FAULT= are honoured
	@tools/venv runtime
	@exec $(BIN)/remissvakt demo $(if $(SEED),--seed $(SEED)) $(if $(FAULT),--fault $(FAULT)) $(if $(PORT),--port $(PORT)) $(ARGS)

run: ## the service on the demo's two hospitals, until Ctrl-C
	@tools/venv runtime
	@exec $(BIN)/remissvakt demo --keep-serving $(if $(PORT),--port $(PORT)) $(ARGS)

two-nodes: ## two nodes on one PostgreSQL and a simulated hospital, until Ctrl-C
	@tools/venv dev
	@exec $(BIN)/python -m deploy.two_nodes $(ARGS)

test: ## the whole test suite, on SQLite and on a real PostgreSQL
	@tools/venv dev
	@exec $(BIN)/python -m pytest -p no:cacheprovider $(ARGS)

check: ## format, lint, types, import contracts
	@tools/venv dev
	$(BIN)/ruff format --no-cache --check .
	$(BIN)/ruff check --no-cache .
	$(BIN)/basedpyright
	$(BIN)/lint-imports --no-cache

interop: ## through an engine and a worklist server that nobody here wrote (needs node, npm, dcmtk, chromium)
	@tools/venv dev
	@exec $(BIN)/python -m tests.interop $(ARGS)

faults: ## break things, seeded, and write what came of it to evidence/faults.json; ARGS=--only, --short, --trials, --seed
	@tools/venv dev
	@exec $(BIN)/python -m tests.faults $(ARGS)

bench: ## ratios measured in one run (needs nginx)
	@tools/venv dev
	@exec $(BIN)/python -m bench $(ARGS)

bench-detection: ## the detector through the scoring bench (needs its folder); SEEDS=, JOBS=, SPELLS=
	@tools/venv dev
	@exec $(BIN)/python -m bench.detection

bench-load: ## open loops with the database stopped, floods, a thousand event streams; ARGS=--minutes, --only
	@tools/venv dev
	@exec $(BIN)/python -m bench.load $(ARGS)

bench-soak: ## the whole service at 60 times its load, watched from outside; ARGS=--minutes
	@tools/venv dev
	@exec $(BIN)/python -m bench.soak $(ARGS)

bench-peers: ## fault to webhook and back through the peers' harness (needs its folder; Prometheus from Debian)
	@tools/venv dev
	@exec $(BIN)/python -m bench.peers $(ARGS)

bench-paths: ## what 10 to 2000 paths cost in one process; ARGS=
	@tools/venv dev
	@exec $(BIN)/python -m bench.paths $(ARGS)

mutants: ## change the code that decides, line by line, and see whether a test notices (hours); ARGS=a pattern of names
	@tools/venv dev
	@$(BIN)/mutmut run $(ARGS)
	@$(BIN)/mutmut results

lock: ## write requirements/*.lock anew (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q requirements/dev.in -o requirements/dev.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q requirements/schemathesis.in -o requirements/schemathesis.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q requirements/atheris.in -o requirements/atheris.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q requirements/runtime.in -c requirements/dev.lock -o requirements/runtime.lock

clean: ## remove what the targets made
	rm -rf $(HOME_DIR)/.venv $(HOME_DIR)/.venvs $(HOME_DIR)/var
