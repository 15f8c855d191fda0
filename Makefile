# `make` lists the targets. Everything runs in .venv, which is built from requirements.lock.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null && echo $$p && break; done)
PY   := .venv/bin/python
PIP  := $(PY) -m pip --disable-pip-version-check install --quiet
CHECK := click|colorama|flit-core|markdown-it-py|mdurl|numpy|pygments|rich|scipy
EXTRAS := certify narrow notebooks report test
CORE := .venv/.core
FULL := .venv/.full
PEERS := .venv-peers/.ready

export PYTHONHASHSEED := 0
# Without bytecode, every kernel that a notebook starts compiles SymPy again (42 s instead of 13 s for six notebooks).
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test lab corpus notebooks mutate scoreboard lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(CORE) ## set up what a check needs, judge three softmaxes, print one report
	@$(PY) -m softmax_ref.demo

test: $(FULL) ## set up everything, run every test and every notebook
	@$(PY) -m pytest -q -n 2 --dist loadfile --durations=20 --durations-min=5

lab: $(FULL) ## open JupyterLab on notebooks/
	@.venv/bin/jupyter trust notebooks/*.ipynb
	@.venv/bin/jupyter lab --LabApp.news_url=None --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate notebooks

corpus: $(FULL) ## rebuild the stored cases and re-certify them with the second engine
	@.venv/bin/softmax-ref corpus build
	@.venv/bin/softmax-ref corpus verify

notebooks: $(FULL) ## re-execute the notebooks and store them in canonical form
	@$(PY) -m softmax_ref.literate.notebooks

mutate: $(FULL) ## change one operator at a time, and see whether a test turns red
	@$(PY) tests/mutation/mutate.py

scoreboard: $(PEERS) ## judge seventeen real libraries again, and write the data and its page
	@.venv-peers/bin/softmax-ref scoreboard

lock: ## resolve requirements.lock again (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header $(EXTRAS:%=--extra %) pyproject.toml -o requirements.lock

clean: ## remove the environments
	rm -rf .venv .venv-peers

# Two steps, one lock: a check needs six small packages, the notebooks a hundred more.
$(CORE): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "softmax_ref needs Python 3.11 to 3.14 with venv (Debian: apt install python3-venv)"; exit 1; }
	@echo "setting up .venv with $(PYTHON)"
	@$(PYTHON) -m venv --clear .venv
	@awk '/^[a-z]/ { keep = $$1 ~ /^($(CHECK))==/ } keep' requirements.lock >.venv/core.lock
	@$(PIP) --require-hashes --no-deps --requirement .venv/core.lock
	@$(PIP) --no-build-isolation --no-deps --editable .
	@touch $@

$(FULL): $(CORE)
	@echo "adding the notebooks' and the tests' packages (about a minute)"
	@$(PIP) --require-hashes --requirement requirements.lock
	@touch $@

# The libraries that the scoreboard judges, pinned for Python 3.11; Eigen, R and Octave come from the system's packages.
$(PEERS): softmax_ref/scoreboard/peers.lock softmax_ref/scoreboard/programs/package-lock.json
	@echo "setting up .venv-peers (some minutes)"
	@python3.11 -m venv --clear .venv-peers
	@.venv-peers/bin/python -m pip --disable-pip-version-check install --quiet --no-deps --require-hashes --requirement softmax_ref/scoreboard/peers.lock
	@.venv-peers/bin/python -m pip --disable-pip-version-check install --quiet --no-build-isolation --no-deps --editable .
	@mkdir .venv-peers/node && cp softmax_ref/scoreboard/programs/package*.json .venv-peers/node
	@npm ci --ignore-scripts --no-audit --no-fund --silent --prefix .venv-peers/node
	@touch $@
