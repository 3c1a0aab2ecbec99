# The shop's own commands. Needs python3 (3.11 or newer) and nothing else installed.

PYTHON ?= python3
ARGS ?=

VENV := .venv
PY := $(VENV)/bin/python
PYTEST := $(PY) -m pytest -q
INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --no-input \
	--require-hashes --prefer-binary
# It prints its warnings about our remarks for it in any case; nobody needs them.
BANDIT := $(PY) -m bandit --quiet --recursive -ll --configfile pyproject.toml \
	bakery basket settings shop
SOURCES := bakery basket settings shop tests examples manage.py gunicorn.conf.py

# The tests once on PostgreSQL and once on SQLite; browser, fleet and what knows no database
# only once; hosts apart: they deploy under load and look at every answer. A selection in
# ARGS may leave nothing for one of them (pytest then answers 5). What only looks at pages
# is quick enough once; `make check` looks on both engines.
NO_DATABASE := $(addprefix --ignore=tests/,bakery/deploy bakery/host bakery/image \
	bakery/instances bakery/release examples test_docs.py test_house.py)
ONLY_ONCE := $(addprefix --ignore=tests/,shop/pictures shop/account shop/accounts \
	shop/admin shop/staff test_access.py test_headers.py)
NONE_LEFT := { code=$$?; test -n "$(strip $(ARGS))" && test $$code -eq 5; }
define tests
{ $(PYTEST) -n 2 -m "not hosts$(if $(1), and $(1))" $(ARGS) || $(NONE_LEFT); } && { \
	TEST_ENGINE=sqlite $(PYTEST) -n 2 -m "not browser and not fleet$(if $(1), and $(1))" $(ARGS) \
	$(NO_DATABASE) $(if $(1),$(if $(strip $(ARGS)),,$(ONLY_ONCE))) || $(NONE_LEFT); }
endef

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run fleet proof test check hosts bench lint fix lock clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

run: $(VENV)/run ## install what is missing, prepare the demo bakery and serve it (PORT=8000)
	@$(PY) manage.py prepare --demo
	@exec $(PY) manage.py serve

fleet: $(VENV)/test ## a fleet on this machine: balancer, 3 clones, worker, PostgreSQL, Valkey, S3, mails
	@exec $(PY) manage.py fleet up $(ARGS)

proof: $(VENV)/test ## start a fleet of 5 clones, prove that they are one shop, stop it
	@$(PY) manage.py prove --fleet 5 --rounds 3 $(ARGS)

test: $(VENV)/test ## run the tests on PostgreSQL and on SQLite (ARGS="tests/shop -x")
	@$(call tests,not slow)

check: lint ## what must hold before a change goes in: lint, all tests, the slow ones too, but no hosts
	@$(call tests,)

hosts: $(VENV)/test ## releases, rollbacks and clones on hosts of this machine, under load; as root, half an hour
	@$(if $(strip $(ARGS)),$(PYTEST) -m hosts $(ARGS),\
	$(PYTEST) -n 2 -m hosts tests/bakery && $(PYTEST) -m hosts tests/hosts)

bench: $(VENV)/test ## measure pages, baskets, orders, memory and start beside their floors (ARGS="--quick basket")
	@$(PY) -m tests.bench $(ARGS)

lint: $(VENV)/test ## look for mistakes, code not in the house's style, migrations that would hurt
	@$(PY) -m ruff check $(SOURCES)
	@$(PY) -m ruff format --check --quiet $(SOURCES)
	@$(BANDIT) 2>/dev/null || $(BANDIT)
	@VAR_DIR=$(VENV)/lint SECRET_KEY=lint $(PY) -m bakery.migration_rules

fix: $(VENV)/test ## mend what can be mended by itself
	@$(PY) -m ruff check --fix $(SOURCES)
	@$(PY) -m ruff format $(SOURCES)

lock: $(VENV)/test ## pin the dependencies of pyproject.toml anew (LOCK=--upgrade takes newer ones)
	@$(PY) -m pip install --quiet --disable-pip-version-check uv
	@$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-header $(LOCK) pyproject.toml -o requirements.txt
	@$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-header $(LOCK) --extra dev pyproject.toml -o requirements-dev.txt

clean: ## remove .venv (the shop's data in var/ stays)
	@rm -rf $(VENV)

# Each stamp is as new as the list it was installed from. What the tests need includes
# what the shop needs.
$(VENV)/run: requirements.txt $(PY)
	@echo "Installing what the shop needs into $(VENV) (once; about half a minute) ..."
	@$(INSTALL) -r requirements.txt
	@touch $@

$(VENV)/test: requirements-dev.txt $(PY)
	@echo "Installing what the tests need into $(VENV) (once; about a minute) ..."
	@$(INSTALL) -r requirements-dev.txt
	@touch $@ $(VENV)/run

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "The shop needs Python 3.11 or newer as $(PYTHON)." \
			"Another one can be named: make PYTHON=/usr/bin/python3.11 ..."; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || { \
		echo "Python cannot make a virtual environment." \
			"On Debian and Ubuntu: apt install python3-venv"; exit 1; }
