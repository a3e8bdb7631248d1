# `make` でこの一覧が出ます。set-up is .ci/setup: it makes .venv and does nothing the second time.
YEAR ?= 2024
PYTHON ?=
BIN := .venv/bin

export PYTHON

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup setup-dev reports lab docs test lint types pictures bench lock hooks clean

help: ## この一覧
	@echo '使い方: make <名前>   （例: make reports YEAR=2024、make setup PYTHON=python3.12）'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' Makefile

setup: ## 環境 .venv を用意する（固定した版。済んでいれば何もしない）
	@.ci/setup requirements.lock

setup-dev: ## 開発用の環境（setup に、テスト・検査の道具を加えたもの）
	@.ci/setup requirements-dev.lock

reports: setup ## 報告書を reports/ に作る（YEAR=年度）
	$(BIN)/gunmane report --year $(YEAR)

lab: setup ## JupyterLab で notebooks/ を開く（ARGS=オプション）
	$(BIN)/jupyter lab --notebook-dir=notebooks $(ARGS)

docs: setup-dev ## 関数の説明書を docs/api/ に作る（docstring から。ネットワーク不要）
	$(BIN)/pdoc --docformat numpy --output-directory docs/api gunmane_analysis \
		gunmane_analysis.areas gunmane_analysis.errors gunmane_analysis.loaders \
		gunmane_analysis.metrics gunmane_analysis.paths gunmane_analysis.page \
		gunmane_analysis.tables gunmane_analysis.sources
	@echo '説明書: docs/api/index.html'

# Many processes load the project: what is compiled of it is kept, where a container's setting
# would have it compiled anew in each.
test: setup-dev ## テスト（文書中の例も含む。コアの数だけ並べて）
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder \
		--durations 15 $(ARGS)

lint: setup-dev ## 書き方の検査（ruff。ノートブックも見る）
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup-dev ## 型の検査（mypy --strict）
	$(BIN)/mypy

pictures: setup-dev ## docs/pictures/ の絵を、作成済みの報告書から作り直す（YEAR=年度）
	$(BIN)/python docs/pictures.py $(YEAR)

bench: setup-dev ## benchmarks/ の計測
	@for script in benchmarks/*.py; do \
		[ -e "$$script" ] || { echo 'benchmarks/ に計測がありません'; exit 0; }; \
		echo "== $$script"; $(BIN)/python "$$script" || exit 1; \
	done

COMPILE := $(BIN)/uv pip compile pyproject.toml --group build --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --quiet --custom-compile-command 'make lock'
lock: setup-dev ## 版の固定を作り直す（UPGRADE=1 で新しい版へ）
	$(COMPILE) $(if $(UPGRADE),--upgrade) -o requirements.lock
	$(COMPILE) $(if $(UPGRADE),--upgrade) --all-extras --group dev \
		--constraint requirements.lock -o requirements-dev.lock

hooks: setup-dev ## コミット前の検査を入れる（pre-commit）
	$(BIN)/pre-commit install

clean: ## 環境と、作られたものを消す（data/raw には触れない）
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
	find data/processed reports -mindepth 1 -not -name .gitkeep -delete
