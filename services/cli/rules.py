"""`fengqiao rules`: tables as files, their proof and their trial, and their publication.

Puts the group together; each command stands in the module that it is taken from.
"""

from __future__ import annotations

from collections.abc import Callable

import typer

from services.cli import (
    rules_backtest,
    rules_check,
    rules_directory,
    rules_explain,
    rules_files,
    rules_propose,
    rules_publish,
)
from services.cli.words import both

app = typer.Typer(no_args_is_help=True)

COMMANDS: dict[str, Callable[..., None]] = {
    "import": rules_files.import_table,
    "export": rules_files.export_table,
    "check": rules_check.check,
    "backtest": rules_backtest.backtest,
    "shadow": rules_backtest.shadow,
    "propose": rules_propose.propose,
    "approve": rules_publish.approve,
    "reject": rules_publish.reject,
    "publish": rules_publish.publish,
    "withdraw": rules_publish.withdraw,
    "publish-directory": rules_directory.publish_directory,
    "list": rules_publish.list_all,
    "show": rules_publish.show_one,
    "explain": rules_explain.explain,
    "statistics": rules_backtest.statistics,
    "reproduce": rules_backtest.reproduce,
}

for name, command in COMMANDS.items():
    app.command(name, help=both(f"rules.{name}"))(command)
