# One sentence per task; each does its own set-up. `make help` lists them.
# 每个任务一句话，所需环境自动准备；make help 列出全部任务。

PYTHON ?= python3
PY := .venv/bin/python
FENGQIAO := .venv/bin/fengqiao
INSTALL := $(PY) -m deploy.install
MINUTES ?= 5
CODE := shared services deploy tests bench

.DEFAULT_GOAL := help
.PHONY: help up up-kafka test soak bench lint format schemas lock secrets clean

help: ## 列出任务 list the tasks
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

up: .venv/runtime ## 一条命令启动全部服务（内嵌 PostgreSQL）start everything in one process
	@exec $(FENGQIAO) up $(ARGS)

up-kafka: .venv/local-kafka ## 以多个进程在真正的 Kafka 上启动 start it as processes on a real Kafka
	@FENGQIAO_DATA=$${FENGQIAO_DATA:-data-kafka} exec $(FENGQIAO) up --kafka $(ARGS)

test: .venv/dev ## 检查风格、类型、依赖方向并运行全部测试 run every check and test
	@$(PY) -m ruff check $(CODE)
	@$(PY) -m ruff format --check $(CODE)
	@$(PY) -m mypy shared services deploy bench
	@.venv/bin/lint-imports
	@$(PY) -m pytest $(ARGS)

soak: .venv/dev ## 按要求的时长反复制造故障并核对（MINUTES=10 SEED=…）faults for as long as asked
	@$(PY) -m tests.simulation --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))
	@$(PY) -m tests.chaos.soak --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

bench: .venv/dev ## 在真正的 Kafka 和 PostgreSQL 上测速 measure on a real Kafka and PostgreSQL
	@$(PY) -m bench $(ARGS)

lint: .venv/dev ## 只做检查，不运行测试 run the checks without the tests
	@$(PY) -m ruff check $(CODE)
	@$(PY) -m ruff format --check $(CODE)
	@$(PY) -m mypy shared services deploy bench
	@.venv/bin/lint-imports

format: .venv/dev ## 整理代码格式 put the code in shape
	@$(PY) -m ruff check --fix --quiet $(CODE)
	@$(PY) -m ruff format $(CODE)

schemas: .venv/dev ## 重新生成 AsyncAPI 和 JSON Schema generate the schemas anew
	@$(FENGQIAO) schemas write

lock: .venv/dev ## 重新生成各锁定文件 write the lock files anew
	@$(PY) -m pip install --quiet --disable-pip-version-check uv
	@$(PY) -m deploy.lock

secrets: $(PY) ## 为 docker compose 准备密码和主密钥 make password and master key for containers
	@$(PY) -m deploy.container_secrets

clean: ## 删除可以重新生成的文件，不动数据 remove what can be made again, never data
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment. A stamp file per lock: a second run does nothing.

$(PY):
	@for python in $(PYTHON) python3.14 python3.13 python3.12 python3.11; do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    umask 022; $$python -m venv --clear .venv && exit 0; \
	    echo '创建 .venv 失败；在 Debian/Ubuntu 上请先执行：apt install python3-venv'; \
	    echo 'Making .venv failed; on Debian or Ubuntu first run: apt install python3-venv'; \
	    exit 1; \
	  fi; \
	done; \
	echo '需要 Python 3.11 或更新版本；可用 make PYTHON=路径 指定。'; \
	echo 'Python 3.11 or newer is needed; name it with make PYTHON=path.'; exit 1

.venv/runtime .venv/local-kafka .venv/dev: .venv/%: requirements/%.lock $(PY) deploy/install.py
	@$(INSTALL) $<
	@touch $@
