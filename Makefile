# Everything a person does with a checkout. `make` alone lists the targets.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

export PYTHON
BIN := .venv/bin
PACKAGES := domain services connectors
UV ?= uv
# Arguments for pytest, as in: make test ARGS="-k finalise"
ARGS ?=
# Every trial repeats exactly with the same SEED. ROUNDS is empty: each trial has its own length.
SEED ?= 1
ROUNDS ?=

# What `make services` starts: each is a package deploy/local/NAME that knows `start` and `stop`.
SERVICES := postgres kafka

.PHONY: help setup setup-dev run install-services services services-down test test-slow lint licences security format \
        schemas openapi lock trial-import trial-schemas trial-acts trial-projector trial-router trial-tail trial-api-kill \
        trial-postgres-kill trial-kafka trial-erasure trial-tokens trial-index trial-matrix bench clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## make .venv with what the platform needs (PYTHON=... names the interpreter)
	@deploy/setup.sh run

setup-dev: ## the same, with the tools for tests and checks
	@deploy/setup.sh dev

run: setup ## start the platform with the demonstration records (data in ./var)
	@EHCP_ENV=development $(BIN)/ehcp serve --demo

install-services: setup ## install what `make services` and the tests of PostgreSQL need (root on Debian; else says what)
	@deploy/local/install.sh
	@deploy/local/mesh/install.sh

services: setup install-services ## start a private PostgreSQL and Kafka (data in ./var/local), print the settings that use them
	@for service in $(SERVICES); do $(BIN)/python -m deploy.local.$$service start || exit 1; done

services-down: setup ## stop them; the data stays
	@for service in $(SERVICES); do $(BIN)/python -m deploy.local.$$service stop || exit 1; done

test: setup-dev ## run the tests (ARGS="..." goes to pytest)
	@$(BIN)/pytest -m "not slow" -n 2 $(ARGS)

test-slow: setup-dev ## run the slow tests
	@$(BIN)/pytest -m slow -n 2 $(ARGS)

lint: setup-dev licences ## check form, types, dependences, docstrings, schemas, OpenAPI and licences
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/interrogate --quiet $(PACKAGES) deploy
	$(BIN)/python -m services.schema_tools check
	$(BIN)/ehcp openapi --check

# Only what is installed to run the platform counts: the tools that check it are not handed on. Two libraries alone are
# allowed the Lesser GPL, at exactly the version they have: psycopg, since no other complete driver for PostgreSQL exists,
# and crc32c, the one C checksum that kafka-python knows. We import them unchanged, as libraries that anyone can replace;
# that asks nothing of our own code. "GPL" of any other library is refused.
LESSER_GPL := psycopg psycopg-binary crc32c
LESSER := LGPL-3.0-only;GNU Lesser General Public License v2 or later (LGPLv2+)
licences: setup-dev ## refuse any copyleft licence of the GPL family among the platform's libraries
	@$(BIN)/pip-licenses --from=mixed --partial-match --fail-on="GPL;GNU;Affero;UNKNOWN" --ignore-packages $(LESSER_GPL) \
	  --packages $$(sed -n 's/^\([A-Za-z0-9._-]*\)==.*/\1/p' requirements.lock) >/dev/null
	@$(BIN)/pip-licenses --from=mixed --allow-only="$(LESSER)" --packages $(LESSER_GPL) >/dev/null

# ADVISORIES=--lenient is for builds that may have no network: what couldn't be checked is said, and breaks nothing.
# ADVISORIES="--database FOLDER" reads a copy of an advisory database instead of asking a service.
ADVISORIES ?=
security: setup-dev ## look for advisories about the locked libraries, dangerous code and secrets
	@$(BIN)/bandit --quiet --configfile pyproject.toml --recursive $(PACKAGES) deploy
	@$(BIN)/python -m tests.checks.secrets
	@$(BIN)/python -m tests.checks.advisories $(ADVISORIES) --verdict build/advisories.txt

format: setup-dev ## write the code in its one form
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

schemas: setup-dev ## generate the schemas that follow from the catalogues in schemas/
	@$(BIN)/python -m services.schema_tools generate

openapi: setup-dev ## write the OpenAPI description that the API serves
	@$(BIN)/ehcp openapi

trial-import: setup-dev ## kill imports of 4,000 plans at random moments (SEED, ROUNDS)
	@$(BIN)/python -m tests.trials.import_kill --seed $(SEED) --rounds $(or $(ROUNDS),20)

trial-schemas: setup-dev ## hold both validators to one verdict on random documents (SEED, ROUNDS)
	@$(BIN)/python -m tests.trials.schema_differential --seed $(SEED) --rounds $(or $(ROUNDS),10000)

trial-acts: setup-dev ## play random acts, look for a state that the law forbids (SEED, ROUNDS)
	@$(BIN)/python -m tests.trials.random_acts --seed $(SEED) --rounds $(or $(ROUNDS),5000)

trial-projector: setup-dev ## kill projectors at random moments, compare every view with one made anew (SEED, ROUNDS)
	@$(BIN)/python -m tests.trials.projector_kill --seed $(SEED) --rounds $(or $(ROUNDS),20)

trial-router: setup-dev ## kill routers at random moments, look for a signal that is missing or told twice (SEED, ROUNDS)
	@$(BIN)/python -m tests.trials.router_kill --seed $(SEED) --rounds $(or $(ROUNDS),20)

trial-tail: setup-dev ## follow six writing processes, miss nothing; ROUNDS of 10,000 events (SEED, ROUNDS)
	@$(BIN)/python -m tests.trials.tail --seed $(SEED) --rounds $(or $(ROUNDS),10)

trial-api-kill: setup-dev ## kill the API under load, hold the record against what clients were told (SEED, ROUNDS)
	@$(BIN)/python -m tests.trials.api_kill --seed $(SEED) --rounds $(or $(ROUNDS),50)

trial-postgres-kill: setup-dev ## the same, killing PostgreSQL's backends and postmaster (SEED, ROUNDS)
	@$(BIN)/python -m tests.trials.postgres_kill --seed $(SEED) --rounds $(or $(ROUNDS),10)

trial-kafka: setup-dev ## kill publisher, router and broker ROUNDS times each, read all exactly once (SEED, ROUNDS)
	@$(BIN)/python -m tests.trials.kafka_kill --seed $(SEED) --rounds $(or $(ROUNDS),30)

trial-erasure: setup-dev ## destroy records and entries while all works and is killed, look for what is left (SEED, ROUNDS)
	@$(BIN)/python -m tests.trials.erasure_kill --seed $(SEED) --rounds $(or $(ROUNDS),10)

trial-tokens: setup-dev ## send forged and damaged tokens and assertions, look for one that is accepted (SEED, ROUNDS)
	@$(BIN)/python -m tests.trials.forged_tokens --seed $(SEED) --rounds $(or $(ROUNDS),10000)

trial-index: setup-dev ## kill the exchange of the index key, look for a plan that is not found or found twice (SEED, ROUNDS)
	@$(BIN)/python -m tests.trials.index_kill --seed $(SEED) --rounds $(or $(ROUNDS),20) $(ARGS)

trial-matrix: setup-dev ## send every act of everybody in every role, hold the answers to the table (SEED, ROUNDS)
	@$(BIN)/python -m tests.trials.every_act --seed $(SEED) --rounds $(or $(ROUNDS),0)

bench: setup-dev ## measure, each figure beside its reference in the same run (ARGS="--quick", "--only append")
	@$(BIN)/python -m tests.bench $(ARGS)

lock: ## pin every library again, with hashes (needs uv)
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: pip install uv"; exit 1; }
	$(UV) pip compile $(LOCK) --group build -o requirements.lock
	$(UV) pip compile $(LOCK) --group build --group dev --constraints requirements.lock -o requirements-dev.lock
	@! grep -nE '://|^-' requirements.lock requirements-dev.lock
	@echo "# All libraries were brought up to date on $$(date -u +%F)." | cat - requirements.lock > requirements.new
	@mv requirements.new requirements.lock

# One lock for every platform and Python from 3.11 on, and no word of where the files come from.
LOCK := --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
        --no-header --no-annotate --no-emit-index-url pyproject.toml

clean: ## remove .venv and the caches (the data in ./var stays)
	@rm -rf .venv .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache .schemathesis build dist *.egg-info
	@find $(PACKAGES) deploy tests -name __pycache__ -type d -prune -exec rm -rf {} +
