# Every check of the project, each a target of its own; `make test` runs all of them.
#
# Needed: Rust, a C compiler, Python 3. Everything else is installed where it is missing: rustfmt
# and clippy through rustup, Python packages into .venv, and on Debian, as root, python3-venv.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:

CARGO ?= cargo
PYTHON ?= python3
VENV := .venv
NOTEBOOKS := notebooks/latency.ipynb
# What the notebooks read.
SCENARIOS := scenarios/lambda_coldstart.toml scenarios/packet_path.toml

.PHONY: help
help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: test
test: fmt lint unit doc notebooks ## All checks

# A minimal toolchain has neither.
.PHONY: components
components:
	@$(CARGO) fmt --version >/dev/null 2>&1 || rustup component add rustfmt
	$(CARGO) clippy --version >/dev/null 2>&1 || rustup component add clippy

.PHONY: fmt
fmt: components ## The format of the code
	$(CARGO) fmt --all --check

.PHONY: lint
lint: components ## Clippy, warnings are errors
	$(CARGO) clippy --all-targets --locked -- -D warnings

.PHONY: unit
unit: ## Unit tests, the test suite, doc tests
	$(CARGO) test --locked

.PHONY: doc
doc: ## The API documentation, warnings are errors
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --no-deps --locked

# The notebooks are executed on fresh results in a temporary folder: output/ is left as it is.
# netsim runs in the profile that is built already; after `make unit` that is the dev profile.
.PHONY: notebooks
notebooks: $(VENV)/installed ## Execute the notebooks on fresh results
	@folder=$$(mktemp -d)
	trap 'rm -rf "$$folder"' EXIT
	target=$${CARGO_TARGET_DIR:-target}
	profile=
	if [[ -x $$target/release/netsim && ! -x $$target/debug/netsim ]]; then profile=--release; fi
	$(CARGO) run --locked $$profile -- run --quiet --output "$$folder/output" $(SCENARIOS) >/dev/null
	NETSIM_OUTPUT="$$folder/output" $(VENV)/bin/python notebooks/execute.py "$$folder" $(NOTEBOOKS)

$(VENV)/installed: notebooks/requirements.txt
	@if ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then
		if [[ $$(id -u) -eq 0 ]] && command -v apt-get >/dev/null; then
			echo "installing python3-venv"
			apt-get update -q
			DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends python3-venv
		else
			echo "error: this Python cannot make virtual environments." >&2
			echo "       On Debian or Ubuntu: sudo apt-get install python3-venv" >&2
			exit 1
		fi
	fi
	echo "installing the packages of notebooks/requirements.txt into $(VENV)"
	$(PYTHON) -m venv --clear $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	touch $@

.ONESHELL:

.PHONY: clean
clean: ## Remove what was built and installed here
	rm -rf $(VENV)
	$(CARGO) clean
