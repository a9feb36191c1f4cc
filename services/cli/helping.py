"""What `--help` shows: Chinese first, English beside, and nothing cut off.

The framework's own page ends a line of Chinese that has no spaces with an ellipsis.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import typer
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text
from typer.core import TyperCommand, TyperGroup

from services.cli.words import both

Row = tuple[str, str]


class BothCommand(TyperCommand):
    """A command whose help is in both languages."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        formatter.write(_page(self, ctx, ()))


class BothGroup(TyperGroup):
    """A group of commands whose help is in both languages."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        known = (self.commands[name] for name in self.list_commands(ctx))
        rows = [(str(each.name), each.help or "") for each in known if not each.hidden]
        formatter.write(_page(self, ctx, rows))


def in_both_languages(app: typer.Typer) -> None:
    """Let every command and group of this one show its help so."""
    app.info.cls = BothGroup
    for command in app.registered_commands:
        command.cls = BothCommand
    for group in app.registered_groups:
        group.cls = BothGroup
        if group.typer_instance:
            in_both_languages(group.typer_instance)


def _page(command: Any, ctx: Any, commands: Iterable[Row]) -> str:
    params = [param for param in command.get_params(ctx) if not param.hidden]
    arguments = [p for p in params if p.param_type_name == "argument"]
    options = [p for p in params if p.param_type_name != "argument"]
    usage = " ".join([ctx.command_path, *command.collect_usage_pieces(ctx)])
    console = Console()
    with console.capture() as captured:
        console.print(_folding(f"{both('usage.usage')}: {usage}\n"))
        console.print(_folding(f"{command.help or ''}\n"))
        console.print(Group(*_part("usage.arguments", map(_row, arguments))))
        console.print(Group(*_part("usage.options", map(_row, options))))
        console.print(Group(*_part("usage.commands", commands)))
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def _part(code: str, rows: Iterable[Row]) -> Iterator[RenderableType]:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, said in rows:
        table.add_row(Text(name), _folding(said))
    if table.row_count:
        yield Text(both(code), style="bold")
        yield table


def _row(param: Any) -> Row:
    is_help = "--help" in param.opts
    said = [both("usage.help") if is_help else param.help or ""]
    if param.required:
        said.append(f"[{both('usage.required')}]")
    elif _is_telling(param.default):
        said.append(f"[{both('usage.default')}: {param.default}]")
    return name_of(param), " ".join(said)


def name_of(param: Any) -> str:
    """What is typed for it, such as `--samples/--no-samples` or `--by …`."""
    if param.param_type_name == "argument":
        return str(param.name)
    names = "/".join(filter(None, map(", ".join, (param.opts, param.secondary_opts))))
    return names if param.is_flag else f"{names} …"


def _is_telling(default: object) -> bool:
    return bool(default) and isinstance(default, str | int) and default is not True


def _folding(said: str) -> Text:
    return Text(said, overflow="fold")
