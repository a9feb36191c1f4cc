"""What a line of the log may hold, whoever it comes from.

Our own events carry codes, ids and kinds. What libraries, warnings and crashes say may
quote anybody: of that only the place and the kind of error are told. Whatever a value
holds, it cannot begin a line of its own nor steer a terminal.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import Any

PLAIN = ("aiokafka", "faststream", "uvicorn", "psycopg.pool", "deploy")
"""They speak of hosts, topics and connections only, so their words are shown."""

LONGEST = 2000
DEEPEST = 8

Event = MutableMapping[str, Any]


def on_one_line(_: Any, __: str, event: Event) -> Event:
    """Our own event, with nothing in it but plain words."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()
    return {name: word(value) for name, value in event.items()} | _of(error)


def of_a_library(_: Any, __: str, event: Event) -> Event:
    """A library's line: its words if it is known to quote nobody, else only the place."""
    record: logging.LogRecord = event["_record"]
    args = event.pop("positional_args", ())
    event.pop("stack_info", None)
    event["logger"] = record.name
    if record.name.startswith(PLAIN):
        event["event"] = _filled(str(record.msg).strip(), word(args))
    else:
        event["event"] = "library_said"
        event["said_at"] = f"{record.module}:{record.lineno}"
    return event


def of_a_crash(
    kind: type[BaseException], trace: TracebackType | None
) -> dict[str, Any]:
    """The kind of an error and where it came up, innermost first; never its text."""
    frames = reversed(extract_tb(trace)[-DEEPEST:]) if trace else ()
    places = [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames]
    return {"error": kind.__name__, "where": places}


def _of(error: Any) -> dict[str, Any]:
    if isinstance(error, BaseException):
        return of_a_crash(type(error), error.__traceback__)
    if isinstance(error, tuple) and error[0]:
        return of_a_crash(error[0], error[2])
    return {}


def word(value: Any) -> Any:
    """A value as a log may hold it: plain, short, on one line; of an error the kind."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, BaseException):
        return type(value).__name__
    if isinstance(value, list | tuple | set | frozenset):
        return [word(each) for each in value]
    if isinstance(value, Mapping):
        return {str(word(name)): word(each) for name, each in value.items()}
    return _printable(str(value))[:LONGEST]


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()


def _filled(template: str, args: Any) -> str:
    try:
        return template % (tuple(args) if isinstance(args, list) else args)
    except (TypeError, ValueError):
        return template
