"""Why a step was taken, and until when, in words for a reader. Pure.

Each remark is a heading and what stands under it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import datetime
from itertools import groupby

from services.audit.grouping import Line
from services.audit.messages import Text
from services.audit.steps import ClockLine, Ground, Step, Told, Why
from services.audit.wording import COMMA, SEMICOLON, Words, listed, local
from shared.events.escalation import ClockStopped

DESIGN_DEFAULT = "design default"

Remark = tuple[str, Text]
Begun = Set[tuple[str, datetime]]


def grounds(why: Why, words: Words) -> Iterator[Remark]:
    """The rows that decided, what they saw, how the body was found, and the versions."""
    for _, rows in groupby(why.rows, key=_wording):
        yield "basis", _rows([*rows], words)
    if why.facts:
        yield "facts", listed(why.facts, SEMICOLON)
    if why.search:
        yield "search", listed(why.search, SEMICOLON)
    for heading in ("handoff", "linkage", "why_not"):
        if told := getattr(why, heading):
            yield heading, _told(told, words)
    if why.ask:
        yield "why_not", why.ask
    if why.versions:
        yield "versions", versions(why.versions, words)


def versions(found: Mapping[str, str], words: Words) -> Text:
    """What was decided with; digests are the same in every language."""
    named = [words.word("version", name).both + f" {v}" for name, v in found.items()]
    return Text(zh=COMMA.zh.join(named), en="")


def limits_of(line: Line, begun: Begun, words: Words) -> Iterator[Remark]:
    """The limits that began and ended with it, and those that it tells itself.

    `begun` are those of which another line says that they began.
    """
    own = (limit for limit in line.main.clocks if limit.legal_basis)
    only_here = [limit for limit in own if (limit.name, limit.due) not in begun]
    told = [_running(limit, words) for limit in only_here]
    told += _changed(line.clocks, words)
    if told:
        yield "limit", listed(told, SEMICOLON)


def begun(lines: Iterable[Line]) -> Begun:
    """The limits that began with other steps, by name and end."""
    steps = (step for line in lines for step in line.clocks)
    return {(limit.name, limit.due) for step in steps for limit in step.clocks}


def _changed(clocks: Sequence[Step], words: Words) -> Iterator[Text]:
    begun = [_running(limit, words) for step in clocks for limit in step.clocks]
    ended = [
        _ended(s.event, words) for s in clocks if isinstance(s.event, ClockStopped)
    ]
    if begun:
        yield words.phrase("started", clocks=listed(begun, COMMA))
    if ended:
        yield words.phrase("stopped", clocks=listed(ended, COMMA))


def _wording(row: Ground) -> tuple[object, ...]:
    """Rows beside each other that say the same are told together; a row without words
    says nothing that another could say too."""
    if row.zh is None:
        return row.table, row.row
    return row.zh, row.en, row.legal_basis, row.provisional


def _rows(rows: Sequence[Ground], words: Words) -> Text:
    """Where they stand and what they say; their ids only, if they are gone."""
    row = rows[0]
    where = COMMA.zh.join(
        f"{words.word('table', row.table).zh} {row.table}/{row.row}" for row in rows
    )
    said = f"{where} {row.zh}" if row.zh else where
    mark = _mark(row.provisional, words)
    law = _law(row.legal_basis, words)
    return Text(zh=f"{said}{law}{mark.zh}", en=f"{row.en or ''}{mark.en}".strip())


def _told(told: Told, words: Words) -> Text:
    """What routing tells, with its law and everything more."""
    mark, law = _mark(told.provisional, words), _law(told.legal_basis, words)
    first = Text(zh=f"{told.zh}{law}{mark.zh}", en=f"{told.en}{mark.en}")
    return listed([first, *told.more], SEMICOLON)


def _running(limit: ClockLine, words: Words) -> Text:
    said = words.phrase("running", clock=limit.words, due=local(limit.due))
    mark = _mark(limit.provisional, words)
    law = _law(limit.legal_basis or "", words)
    return Text(zh=f"{said.zh}{law}{mark.zh}", en=f"{said.en}{mark.en}")


def _ended(event: ClockStopped, words: Words) -> Text:
    met = words.word("met", str(event.met).lower())
    return words.phrase("which", what=words.word("clock", event.clock), which=met)


def _law(basis: str, words: Words) -> str:
    said = basis.replace(DESIGN_DEFAULT, words.phrase("design_default").zh)
    return f"（{said}）" if said else ""


def _mark(provisional: bool, words: Words) -> Text:
    mark = words.phrase("provisional")
    return (
        Text(zh=f" {mark.zh}", en=f" {mark.en}") if provisional else Text(zh="", en="")
    )
