# Every habit is one word; `make` alone lists them.
#
# .venv holds what the locks name. A stamp inside it carries the hash of its lock, of pyproject.toml
# and of hatch_build.py: while none changes, a step is skipped and needs no network.

.DEFAULT_GOAL := help
.PHONY: help run test setup lint bench docs notebooks shots lock synth deploy connect destroy clean

VENV        := .venv
VENV_PYTHON := $(VENV)/bin/python
PYTHONS     ?= python3.13 python3.12 python3.11 python3
PYTEST_ARGS ?=

# hash(FILES): 16 hexadecimal digits of the SHA-256 of the files' bytes. Linux has sha256sum, macOS shasum.
hash = $(shell cat $(1) | { sha256sum 2>/dev/null || shasum -a 256; } | cut -c 1-16)
RUN_STAMP := $(VENV)/.run-$(call hash,requirements/run.txt pyproject.toml hatch_build.py)
DEV_STAMP := $(VENV)/.dev-$(call hash,requirements/dev.txt pyproject.toml hatch_build.py)

PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore $(VENV_PYTHON) -m pip -qq --no-input

help: ## List what can be made
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

# Only `make run PORT=...` sets it: a PORT of the environment is another program's.
PORT := 8501

run: $(RUN_STAMP) ## Serve the demonstration in the workbench on 127.0.0.1:8501
	@exec $(VENV_PYTHON) -m codybatch up --demo --port $(PORT) --again 'make run PORT='

test: setup lint ## Check everything: lint, types, layers and the whole suite (PYTEST_ARGS=...)
	@$(VENV_PYTHON) -m pytest -q -n auto --dist worksteal --ignore tests/benchmarks $(PYTEST_ARGS)

setup: $(DEV_STAMP) ## Fill .venv with everything that tests and builds need, and get a Chromium
	@$(VENV_PYTHON) -m codybatch.standins.aws $(VENV)/standins
	@$(VENV_PYTHON) -m tests.browser.get_chromium

lint: $(DEV_STAMP) ## Check style, types and layers
	@$(VENV_PYTHON) -m ruff check
	@$(VENV_PYTHON) -m ruff format --check --quiet
	@$(VENV_PYTHON) -m mypy --no-error-summary codybatch infra tests hatch_build.py $(wildcard app.py router.py pages)
	@$(VENV)/bin/lint-imports --no-logo

bench: setup ## Measure the speed promises, alone on the machine (a busy machine fails them)
	@$(VENV_PYTHON) -m pytest -q -p no:xdist tests/benchmarks

docs: setup ## Write the pages in docs that are made from the code
	@$(VENV_PYTHON) -m codybatch.cli.reference docs
	@$(VENV_PYTHON) -m infra.costs docs/aws.md

notebooks: setup ## Run the notebooks on the demonstration, and write them with what they show to docs/notebooks
	@$(VENV_PYTHON) -m tests.notebooks.render

shots: setup ## Take the pictures in docs/images of the demonstration (needs Chromium)
	@$(VENV_PYTHON) -m tests.browser.make_screenshots

# The pins that stand are kept; `make lock UPGRADE=--upgrade` takes the newest.
# run.txt is made under dev.txt's pins, so that a development install is a run install too.
UV      := $(firstword $(wildcard $(VENV)/bin/uv) uv)
COMPILE := env -u UV_FIND_LINKS -u UV_INDEX -u UV_EXTRA_INDEX_URL $(UV) pip compile \
	--quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --custom-compile-command "make lock" $(UPGRADE)

lock: ## Pin and hash the dependencies again (UPGRADE=--upgrade takes the newest)
	@mkdir -p requirements
	@$(COMPILE) pyproject.toml --group build --extra workbench --extra api --extra analysis --extra aws --extra infra --extra telemetry --extra dev --output-file requirements/dev.txt
	@$(COMPILE) pyproject.toml --group build --extra workbench --constraint requirements/dev.txt --output-file requirements/run.txt
	@$(COMPILE) pyproject.toml --extra aws --extra telemetry --constraint requirements/dev.txt --output-file requirements/image-worker.txt
	@$(COMPILE) pyproject.toml --extra workbench --extra aws --extra telemetry --constraint requirements/dev.txt --output-file requirements/image-workbench.txt
	@$(COMPILE) pyproject.toml --extra api --extra aws --extra telemetry --group lambda --constraint requirements/dev.txt --output-file requirements/image-api.txt
	@$(COMPILE) --group build --constraint requirements/dev.txt --output-file requirements/build.txt
	@$(COMPILE) --group node --output-file requirements/node.txt
	@$(COMPILE) --group standins --output-file codybatch/standins/aws/requirements.txt

# Only `make deploy STAGE=...` sets it: a STAGE of the environment is another program's.
STAGE   := dev
# Later versions of the CLI read other assemblies than the library writes.
CDK     := npx --yes aws-cdk@2.1148.1 --app "$(VENV_PYTHON) -m infra.app" --output cdk.out/$(STAGE) --context stage=$(STAGE)
# What is asked before rights are widened: `make deploy APPROVAL=never` for machines.
APPROVAL := broadening

synth: setup ## Write the templates of STAGE=dev or prod to cdk.out, and have a rule pack look at them
	@CDK_OUTDIR=cdk.out/$(STAGE) $(VENV_PYTHON) -m infra.app --check --context stage=$(STAGE)
	@echo "The templates of $(STAGE) are in cdk.out/$(STAGE); the rule pack found nothing to object to."

# All, or some by their names: a stage may do without its workbench, its site and its alarms.
STACKS := --all

deploy: setup ## Deploy STAGE=dev or prod to AWS (needs credentials, Node.js and a container engine)
	@[ -n "$$CODYBATCH_ALLOWED_REPOSITORIES" ] || { \
	  echo "No repository would be allowed: export CODYBATCH_ALLOWED_REPOSITORIES='my-org/*' first." >&2; exit 2; }
	@command -v npx >/dev/null || { echo "Deploying needs Node.js, with npx." >&2; exit 2; }
	@$(CDK) bootstrap
	@$(CDK) deploy $(STACKS) --require-approval $(APPROVAL)
	@$(VENV_PYTHON) -m infra.keys $(STAGE) credentials --only-missing
	@$(VENV_PYTHON) -m infra.deployed $(STAGE)

connect: setup ## Print the settings of what is deployed in STAGE: eval "$(make -s connect)"
	@$(VENV_PYTHON) -m infra.deployed $(STAGE)

destroy: setup ## Remove STAGE from AWS; asks first, and says what stays
	@stacks="$$($(VENV_PYTHON) -m infra.removal $(STAGE))" && $(CDK) destroy --force $$stacks

clean: ## Remove caches and builds; .venv stays
	@rm -rf build cdk.out dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find codybatch pages tests -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# Both stamps go before anything is installed: an install that fails, or that is made for another
# branch's lock, leaves none that would be believed later.
define install
	@$(VENV_PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(VENV) holds a Python older than 3.11: remove the folder and run make again." >&2; exit 1; }
	@$(VENV_PYTHON) -m pip --version >/dev/null 2>&1 || $(VENV_PYTHON) -m ensurepip >/dev/null
	@rm -f $(VENV)/.run-* $(VENV)/.dev-*
	@echo "Installing $(1) into $(VENV): $(2), once."
	@$(PIP) install --require-hashes --requirement $(1)
	@command -v npm >/dev/null 2>&1 || \
	  { [ -n "$$CODYBATCH_NPM_TARBALLS" ] && [ $(1) = requirements/run.txt ]; } || { \
	  echo "No npm here: taking one as a Python package, for the workbench's front-end files."; \
	  $(PIP) install --require-hashes --requirement requirements/node.txt; }
	@$(PIP) install --no-deps --no-build-isolation --editable .
endef

$(RUN_STAMP): | $(VENV_PYTHON)
	$(call install,requirements/run.txt,about a minute)
	@touch $@

$(DEV_STAMP): | $(VENV_PYTHON)
	$(call install,requirements/dev.txt,one to two minutes)
	@touch $@ $(RUN_STAMP)

$(VENV_PYTHON):
	@found=""; \
	for python in $(PYTHONS); do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  found="$$python"; \
	  "$$python" -c 'import ensurepip, venv' 2>/dev/null || continue; \
	  echo "Making $(VENV) with $$python."; \
	  exec "$$python" -m venv --clear $(VENV); \
	done; \
	if [ -n "$$found" ]; then \
	  echo "$$found cannot make environments: install its venv package (Debian and Ubuntu: apt install python3-venv)." >&2; \
	else \
	  echo "No Python 3.11 or newer found as $(PYTHONS): install one, or name it: make PYTHONS=/path/to/python3.13." >&2; \
	fi; exit 1
