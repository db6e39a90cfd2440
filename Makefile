# The commands of the project. All they build lies in git-ignored folders of this checkout; `make clean` removes it.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo directories slapd docs local local-stop test races soak mutants bench large-import mail-corpora lint format requirements deploy vendors clean checkov audit fuzz fuzz-http replay refile

export UV_PYTHON_DOWNLOADS := never
export SAM_CLI_TELEMETRY := 0
# A Python chosen for the user's other work must not hide the one that .python-version asks for.
unexport PYENV_VERSION VIRTUAL_ENV UV_PROJECT_ENVIRONMENT

# Tried, not looked up: a pyenv shim is on PATH also when it leads to no uv. `cache dir` also minds required-version.
UV := $(if $(shell env -u PYENV_VERSION uv cache dir 2>/dev/null),uv,.tools/bin/uv)
RUN := $(UV) run --frozen --no-sync

DEV := .venv/up-to-date
EMULATOR := .venv-emulator/up-to-date
SAM := .venv-sam/up-to-date
VENDORS := .venv-vendors/up-to-date
AUDIT := .venv-audit/up-to-date
FUZZING := .venv-fuzzing/up-to-date
MUTANTS := .venv-mutants/up-to-date
BENCHMARKS := .venv-benchmarks/up-to-date

SERVERS := slapd samba samba-ad-provision samba-dsdb-modules
# One file of each of them.
SERVER_FILES := /usr/sbin/slapd /usr/sbin/samba /usr/share/samba/setup/provision.ldif /usr/lib/*/samba/ldb/acl.so

# $(call installed,packages,a file of each,what is left out without them): meanwhile policy-rc.d keeps Debian from
# starting what it installs (invoke-rc.d(8)).
define installed
ls $(2) >/dev/null 2>&1 || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && { \
  if [ ! -e /usr/sbin/policy-rc.d ]; then \
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT; \
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d; \
  fi; \
  apt-get update -qq && \
  DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends $(1) >/dev/null; \
}; } || echo "$(3) will be left out: as root, apt-get install $(1)." >&2
endef

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

docs: $(DEV) ## Write anew what docs/data-model.md and docs/scale.md have of measurements, docs/security.md of the template
	@AWS_DEFAULT_REGION=eu-west-1 PYTHONPATH=functions:shared $(RUN) python -m tests.data_model
	@PYTHONPATH=functions:shared $(RUN) python -m tests.security_page
	@PYTHONPATH=functions:shared $(RUN) python -m tests.scale

demo: $(DEV) $(EMULATOR) slapd ## Do the main job on an embedded AWS, from the first link to the person's one archive
	@PYTHONPATH=shared $(RUN) python -m local.demo

local: $(DEV) $(EMULATOR) ## Start the embedded AWS and leave it running; .local/outputs.json says where
	@$(RUN) python -m local.up

local-stop: $(DEV) ## Stop the embedded AWS
	@$(RUN) python -m local.down

directories: ## Install the directory servers that the tests read: OpenLDAP and a Samba AD DC (Debian, as root)
	@$(call installed,$(SERVERS),$(SERVER_FILES),The tests that read real directory servers)

slapd:
	@$(call installed,slapd,/usr/sbin/slapd,The demo's directory)

test: lint directories $(EMULATOR) ## Check everything: lint, types, template, then every test
	$(RUN) pytest tests/unit tests/properties --numprocesses auto --dist loadfile
	PYTHONPATH=functions:shared $(RUN) python -m tests.simulation --schedules 20000
	$(RUN) pytest tests/integration tests/directories

SCHEDULES := 1000000
FIRST := 20000

soak: $(DEV) ## Run SCHEDULES of the simulation, from the seed FIRST on
	PYTHONPATH=functions:shared $(RUN) python -m tests.simulation --schedules $(SCHEDULES) --first $(FIRST)

vendors: $(DEV) $(VENDORS) ## Let Microsoft's and Google's own clients read the tests' doubles of their directories
	$(RUN) pytest tests/vendors

races: $(DEV) $(EMULATOR) slapd ## Have sixteen act at once on the embedded AWS, ROUNDS=200 times, and look whether all rules hold
	@PYTHONPATH=functions:shared $(RUN) python -m tests.benchmarks.races --rounds $(or $(ROUNDS),200) $(if $(SEED),--seed $(SEED))

# Beside what can be had of these; where they are missing, their rows are left out.
PEERS := postgresql maildir-utils notmuch public-inbox dovecot-lmtpd libgmime-3.0-dev gcc pkg-config
PEER_FILES := /usr/lib/postgresql/*/bin/postgres /usr/bin/mu /usr/bin/notmuch /usr/bin/public-inbox-index \
  /usr/lib/dovecot/lmtp /usr/include/gmime-3.0 /usr/bin/cc /usr/bin/pkg-config

bench: $(BENCHMARKS) $(EMULATOR) slapd ## Measure speed and cost beside other programs, some minutes; WRITE=1 writes docs/performance.md
	@$(call installed,$(PEERS),$(PEER_FILES),Programs to compare with)
	@PYTHONPATH=functions:shared .venv-benchmarks/bin/python -m tests.benchmarks $(if $(WRITE),--write) $(OF)

checkov: $(DEV) $(AUDIT) ## Check the template against the rules of checkov; what is not followed is in docs/security.md
	$(RUN) pytest tests/audit

# No part of `make test`: an advisory of today must not break what did not change. It asks pypi.org.
audit: $(AUDIT) ## Look up known vulnerabilities of all that is deployed
	.venv-audit/bin/pip-audit --strict --disable-pip --require-hashes --progress-spinner off \
	  -r shared/requirements.txt -r functions/requirements.txt

# OF="addresses.outcome.* archive_api.access.*" changes these modules alone: all of them take hours. mutmut, started in
# .local/mutants, shows what it found: `mutmut results`, `mutmut show addresses.outcome.x_judged__mutmut_4`.
mutants: $(MUTANTS) ## Change the code in thousands of ways, one at a time, and list what no test notices
	@mkdir -p .local/mutants
	@ln -sfn $(addprefix ../../,shared/addresses $(patsubst %/,%,$(wildcard functions/*/)) tests local events docs template.yaml) .local/mutants
	@cp tests/mutants/mutmut.toml .local/mutants/pyproject.toml
	cd .local/mutants && ../../.venv-mutants/bin/mutmut run $(foreach each,$(OF),'$(each)')
	cd .local/mutants && ../../.venv-mutants/bin/mutmut results | { grep -v "not checked" || true; }

large-import: $(DEV) $(EMULATOR) ## Import 200,000 rows on the embedded AWS, and say what it takes
	@PYTHONPATH=functions:shared $(RUN) python -m tests.benchmarks.large_import

# The pip that comes with the SAM CLI fetches them; with Debian's deb-src, `apt-get source --download-only gmime` and
# MORE=gmime_*.orig.tar.xz adds that parser's.
mail-corpora: $(DEV) $(SAM) ## Ingest the messages that other parsers are tested with, damaged 100,000 times
	@PYTHONPATH=functions:shared $(RUN) python -m tests.benchmarks.mail_corpora $(MORE)

# What was found to reach new code is kept in .fuzzing, and the next run goes on from there.
fuzz: $(FUZZING) ## Let a fuzzer that watches the code (x86-64 Linux) break the parsers; SECONDS=600 for each of them
	@AWS_DEFAULT_REGION=eu-west-1 PYTHONPATH=functions:shared .venv-fuzzing/bin/python -m tests.fuzzing --seconds $(or $(SECONDS),60) $(TARGETS)

fuzz-http: $(DEV) $(EMULATOR) ## Ask the deployed API all that its own description lets one think of; EXAMPLES=200 for each route
	@PYTHONPATH=functions:shared $(RUN) python -m tests.fuzzing.http --examples $(or $(EXAMPLES),200) --seed $(or $(SEED),1)

lint: $(DEV) $(SAM) ## Check style, types, the lock and the template
	$(UV) lock --check --quiet
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) mypy
	$(RUN) cfn-lint template.yaml
	.venv-sam/bin/sam validate --lint

format: $(DEV) ## Put the style right where that can be done by itself
	$(RUN) ruff check --fix
	$(RUN) ruff format

requirements: $(DEV) ## Write what the layer and the functions bring along, as the lock has it
	$(UV) export --frozen --quiet --only-group layer --output-file shared/requirements.txt
	$(UV) export --frozen --quiet --only-group functions --output-file functions/requirements.txt

# sam build takes the Python 3.13 that comes first on PATH, and its pip.
deploy: $(SAM) ## Build, and deploy to the AWS account of your credentials, asking first
	PATH="$(CURDIR)/.venv-sam/bin:$$PATH" .venv-sam/bin/sam build
# Lambda can write nothing where functions lie, so it would compile every module at each cold start.
	.venv-sam/bin/python -m compileall -q --invalidation-mode unchecked-hash .aws-sam/build
	.venv-sam/bin/sam deploy --guided

# The account and region of your credentials; AWS_ENDPOINT_URL leads to an embedded one.
STACK := alias-addresses
SINCE = $(error Say from when on: make refile SINCE=2026-03-01T09:00:00Z)

replay: $(DEV) ## Try again what lies in the dead-letter queues of STACK (alias-addresses)
	@PYTHONPATH=shared $(RUN) python -m operations.replay $(STACK)

refile: $(DEV) ## File again the mail that was put into the bucket of STACK from SINCE on
	@PYTHONPATH=shared $(RUN) python -m operations.refile $(STACK) $(SINCE)

clean: ## Remove everything that was built
	@if [ -e .local/outputs.json ]; then $(MAKE) local-stop; fi
	rm -rf .venv .venv-* .tools .local .aws-sam .fuzzing .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find functions shared local tests -name __pycache__ -prune -exec rm -rf {} +

# Environments of one lock: the embedded AWS and the SAM CLI each pin a boto3 of their own, the vendors' clients are large.
# Each is made again when the lock is newer than it.

$(DEV): GROUP := --group dev
$(EMULATOR): GROUP := --only-group emulator
$(SAM): GROUP := --only-group sam
$(VENDORS): GROUP := --only-group vendors
$(FUZZING): GROUP := --group dev --group fuzzing
$(MUTANTS): GROUP := --group dev --group mutants
$(BENCHMARKS): GROUP := --group dev --group benchmarks
$(DEV) $(EMULATOR) $(SAM) $(VENDORS) $(FUZZING) $(MUTANTS) $(BENCHMARKS): uv.lock .python-version | $(filter .tools/%,$(UV))
	@$(UV) python find --system 3.13 >/dev/null 2>&1 || { echo "Python 3.13 is missing: install it \
	(apt install python3.13, brew install python@3.13 or pyenv install 3.13) and run make again." >&2; exit 1; }
	UV_PROJECT_ENVIRONMENT=$(@D) $(UV) sync --frozen --quiet $(GROUP)
	@touch $@

# By itself: checkov pins a boto3 that is older than the one in Lambda's runtime, so it fits into no lock with ours.
$(AUDIT): tests/audit/requirements.txt .python-version | $(filter .tools/%,$(UV))
	$(UV) venv --quiet --clear --python 3.13 $(@D)
	$(UV) pip sync --quiet --python $(@D)/bin/python $<
	@touch $@

# uv needs any Python to come with, not the 3.13; where a pyenv shim leads nowhere, the system's will do.
.tools/bin/uv:
	@for python in python3.13 python3 /usr/bin/python3 /usr/local/bin/python3 /opt/homebrew/bin/python3; do \
	  $$python -m venv --clear .tools >/dev/null 2>&1 && break; \
	done; \
	test -x .tools/bin/pip || { echo "uv is missing: install it (pip install uv), or a Python with venv to make it \
	from (apt install python3-venv), and run make again." >&2; exit 1; }
	.tools/bin/pip install --quiet --disable-pip-version-check uv==0.13.9
