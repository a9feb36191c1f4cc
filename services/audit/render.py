"""The ledger, a state and a story on a screen or in a pipe. Chinese first.

Into a pipe goes plain text whose width does not depend on any terminal.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text as Rich

from services.audit.custody import Stage
from services.audit.messages import Text
from services.audit.views import Held, Page, Row
from services.audit.wording import Words, local

_ENDLESS = 10_000
_CONTROLS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)], " ")


def show(what: RenderableType, console: Console | None = None) -> None:
    """Print for whoever reads: a terminal in its width, a pipe as it is."""
    console = console or Console()
    if console.is_terminal:
        console.print(what)
    else:
        console.file.write(to_text(what))


def to_text(what: RenderableType) -> str:
    """Plain text, one line a row, no colour, nothing cut off."""
    console = Console(file=StringIO(), width=_ENDLESS, color_system=None)
    with console.capture() as capture:
        console.print(what, no_wrap=True, overflow="ignore", crop=False)
    return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())


def ledger(page: Page, words: Words) -> RenderableType:
    """The ledger (台账): code, kind, place, holder, state, next clock."""
    if not page.rows:
        return side_by_side(words.phrase("empty"))
    table = _table(words, "code", "kind", "place", "holder", "state", "next_clock")
    table.columns[0].no_wrap = True
    for row in page.rows:
        table.add_row(*map(line, _cells(row, words)))
    more = words.phrase("more", next=page.next)
    return Group(table, side_by_side(more)) if page.next else table


def held(rows: list[Held], words: Words) -> RenderableType:
    """How many open disputes each body holds, and how many are overdue."""
    table = _table(words, "holder", "open", "overdue")
    for each in rows:
        holder = words.body(each.holder).zh if each.holder else ""
        table.add_row(line(holder), str(each.open), str(each.overdue))
    return table


def line(text: str, style: str = "") -> Rich:
    """One line. What somebody typed cannot steer a terminal or begin another line."""
    return Rich(text.translate(_CONTROLS), style=style)


def side_by_side(text: Text) -> Rich:
    """A sentence in Chinese, and in English after it."""
    return line(f"{text.zh}  {text.en}")


def _table(words: Words, *columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        heading = words.word("heading", column)
        table.add_column(f"{heading.zh}\n{heading.en}")
    return table


def _cells(row: Row, words: Words) -> Iterator[str]:
    yield row.code or words.phrase("no_code").zh
    yield words.names.kind(row.kind).zh if row.kind else ""
    yield words.names.place(row.place).zh if row.place else ""
    yield words.body(row.holder).zh if row.holder else ""
    yield _standing(row, words)
    yield _limit(row, words)


def _standing(row: Row, words: Words) -> str:
    stage = words.word("stage", row.stage).zh
    asked = f"：{words.body(row.offered_to).zh}" if row.offered_to else ""
    if row.stage is Stage.TO_REPAIR or not row.parked:
        return stage + asked
    return stage + asked + words.phrase("parked", count=row.parked).zh


def _limit(row: Row, words: Words) -> str:
    if not (row.next_clock and row.next_due):
        return ""
    clock = words.word("clock", row.next_clock).zh
    mark = f" {words.phrase('provisional').zh}" if row.provisional else ""
    return f"{clock} {local(row.next_due)}{mark}"
