# `make run` and `make test` need Python 3.11 or later and nothing else; the rest comes from hash-pinned wheels.

PYTHON ?= python3
PIP = .venv/bin/python -m pip --disable-pip-version-check --quiet
NEVER_DAILY = tests/faults tests/benchmarks

# Where the environment says that no bytecode is to be kept, every process of every test would compile what it imports.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test daily setup lint style types test-pages test-faults test-security bench bench-peers lock
.DEFAULT_GOAL := run

run: .venv/ready-to-run
	@exec .venv/bin/python -m service run --with-parent

setup: .venv/ready-to-run

# mypy is one process and takes half a minute: meanwhile the tests begin. Whichever fails, all of it fails.
test: style
	@$(MAKE) --no-print-directory --jobs=2 types daily

# Three at a time for two processors: each waits for its servers and its browser now and then.
daily: .venv/ready-to-test
	.venv/bin/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(NEVER_DAILY:%=--ignore=%)

lint: style types

style: .venv/ready-to-test
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports

types: .venv/ready-to-test
	.venv/bin/mypy

# What the daily tests look at in one language or width, in the others.
test-pages: .venv/ready-to-test
	.venv/bin/python -m pytest -n 2 --dist loadfile -m pages tests

test-faults: .venv/ready-to-test
	.venv/bin/python -m pytest tests/faults

# wapiti brings a proxy and a hundred packages: an environment of its own, not locked, never beside ours. Best effort.
test-security: .venv/ready-to-test
	@test -x .venv-wapiti/bin/wapiti || { $(PYTHON) -m venv .venv-wapiti && \
		.venv-wapiti/bin/python -m pip --disable-pip-version-check --quiet install wapiti3 pip-audit; } || true
	.venv/bin/python -m pytest tests/security $(wildcard tests/access)
	.venv/bin/python -m tests.security

bench: .venv/ready-to-test
	@.venv/bin/python -m tests.benchmarks $(ARGS)

# pretix beside us: installed from its package into an environment of its own, never ours. Says so where that cannot be.
bench-peers: .venv/ready-to-test
	@.venv/bin/python -m tests.benchmarks.peers $(ARGS)

# The stamps are written last: an interrupted installation is taken up again, a finished one costs nothing.
# The pip that Python brings may be years old: it looks at every file that an index has, for twice the time. It will do.
.venv/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'Preuve needs Python 3.11 or later; choose one with: make PYTHON=python3.12' >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo 'Python lacks venv; on Debian or Ubuntu: apt install python3-venv' >&2; exit 2; }
	$(PYTHON) -m venv .venv
	@$(PIP) install --require-hashes -r requirements-pip.txt || echo 'going on with the pip that Python brings'
	@touch $@

.venv/ready-to-run: .venv/made requirements.txt pyproject.toml
	$(PIP) install --require-hashes -r requirements.txt
	PYTHONWARNINGS=ignore $(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/ready-to-test: .venv/ready-to-run requirements-dev.txt
	$(PIP) install --no-compile --require-hashes -r requirements-dev.txt
	@touch $@

# Versions and hashes only, no host names: any index or mirror will do.
LOCK = .venv/bin/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header --quiet

lock: .venv/made
	$(PIP) install uv
	echo pip | $(LOCK:pyproject.toml=-) -o requirements-pip.txt
	$(LOCK) --group build -o requirements.txt
	$(LOCK) --group build --group dev -o requirements-dev.txt
