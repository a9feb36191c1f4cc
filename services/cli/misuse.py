"""What the framework says of a command line that it cannot read, in both languages."""

from __future__ import annotations

import re
from typing import Any

from typer import TyperException

from services.cli.words import both, text
from services.texts import LANGUAGES

_QUOTED = re.compile(r"'([^']+)'")
_KINDS = {
    "NoSuchOption": "no_option",
    "MissingParameter": "missing",
    "BadParameter": "bad_value",
}
_SAID = {
    "No such command": "no_command",
    "unexpected extra argument": "extra",
    "requires an argument": "needs_value",
    "does not take a value": "needs_none",
}


def in_words(error: TyperException) -> str:
    """What is wrong, a line in each language; how it is used; where more stands."""
    if type(error).__name__ == "NoArgsIsHelpError":
        return f"{error.format_message()}\n"
    lines = _both(error)
    if ctx := getattr(error, "ctx", None):
        usage = [ctx.command_path, *ctx.command.collect_usage_pieces(ctx)]
        lines.append(f"{both('usage.usage')}: {' '.join(usage)}")
        lines.append(f"{both('usage.more')}: {ctx.command_path} --help")
    return "".join(f"{line}\n" for line in lines)


def _both(error: Any) -> list[str]:
    told = {"name": _name(error), "why": _why(error)}
    lines = [text(f"usage.{_code(error)}", each, **told) for each in LANGUAGES]
    if meant := _meant(error):
        likely = (text("usage.meant", each, names=meant) for each in LANGUAGES)
        lines = [f"{line}{more}" for line, more in zip(lines, likely, strict=True)]
    return lines


def _code(error: Any) -> str:
    said = error.format_message()
    begun = (code for part, code in _SAID.items() if part in said)
    return _KINDS.get(type(error).__name__) or next(begun, "other")


def _name(error: Any) -> str:
    """What it is about, as it was typed or as the help names it."""
    if _code(error) == "no_option":
        return str(error.option_name)
    said = error.format_message()
    if _code(error) == "extra":
        return str(said.partition("(s) (")[2].removesuffix(")"))
    return next(iter(_QUOTED.findall(said)), "—")


def _why(error: Any) -> str:
    said = error.format_message()
    return str(said.partition(": ")[2] if _code(error) == "bad_value" else said)


def _meant(error: Any) -> list[str]:
    if _code(error) == "no_option":
        return sorted(error.possibilities or ())
    if _code(error) == "no_command":
        return list(_QUOTED.findall(error.format_message())[1:])
    return []
