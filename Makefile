# From a bare clone: `make run` serves the application, `make test` proves it. Needs Python 3.11 or newer and make.

VENV := .venv
PYTHON := $(VENV)/bin/python
SERVING := $(VENV)/.stamp-$(firstword $(shell cksum < requirements.txt))
WORKING := $(VENV)/.stamp-dev-$(firstword $(shell cat requirements.txt requirements-dev.txt | cksum))

.DEFAULT_GOAL := help
.PHONY: help run transcriber test test-fast bench lint docs screenshots clean

help:
	@echo "make run          install into $(VENV) what is missing and serve on http://127.0.0.1:5000 (HOST, PORT change it)"
	@echo "make transcriber  install what hears words (Whisper base, about 400 MB); everything works without it"
	@echo "make test         every test, the browser's too"
	@echo "make test-fast    every test but the browser's"
	@echo "make bench        time and memory from file to result, for text, voice and video; a whole interview of five minutes; the live page under load"
	@echo "make lint         ruff, mypy and pip-audit"
	@echo "make docs         the generated tables of README.md and the model cards"
	@echo "make screenshots  the pictures in docs/screenshots, from the running application"
	@echo "make clean        everything that can be made again (answers in instance/ stay)"

run: $(SERVING)
	@exec $(PYTHON) app.py

transcriber: $(SERVING)
	@.ci/environment $(VENV) -r requirements.txt -r requirements-transcriber.txt
	$(PYTHON) -m audio transcriber

test: $(WORKING)
	@.ci/system
	$(PYTHON) -m pytest

test-fast: $(WORKING)
	$(PYTHON) -m pytest -m "not browser"

bench: $(WORKING)
	$(PYTHON) -m benchmarks
	$(PYTHON) -m benchmarks.product
	$(PYTHON) -m benchmarks.voices
	$(PYTHON) -m benchmarks.live

lint: $(WORKING)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy .
	@.ci/audit

docs: $(WORKING)
	$(PYTHON) -m interview.documents

screenshots: $(WORKING)
	@.ci/system
	$(PYTHON) -m docs.screenshots

clean:
	rm -rf $(VENV) .build .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(SERVING): requirements.txt
	@.ci/environment $(VENV) -r requirements.txt
	@rm -f $(VENV)/.stamp-[0-9]* && touch $@

$(WORKING): $(SERVING) requirements-dev.txt
	@.ci/environment $(VENV) -r requirements.txt -r requirements-dev.txt
	@rm -f $(VENV)/.stamp-dev-* && touch $@
