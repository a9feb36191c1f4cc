"""`fengqiao rules explain`: why a dispute went where it went, and why not elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Group
from rich.text import Text as Rich

from services.audit.grounds import DESIGN_DEFAULT
from services.audit.render import line
from services.cli.options import Code, Json, a_house, show, show_json
from services.cli.typed import as_typed
from services.cli.words import both
from services.routing.explaining.entailed import HandoffTerms
from services.routing.explaining.values import (
    ByHand,
    Explanation,
    Row,
    TableWhy,
    Text,
    WhyNot,
)
from services.routing.explaining.words import phrase, word
from shared.calendar import SHANGHAI

Request = Annotated[
    int | None, typer.Option("--request", min=1, help=both("rules.explain_request"))
]
Target = Annotated[
    str | None, typer.Option("--why-not", help=both("rules.explain_why_not"))
]


def explain(
    code: Code, request: Request = None, why_not: Target = None, as_json: Json = False
) -> None:
    with a_house() as house, as_typed(code):
        told = house.explanations()
        if why_not:
            _show(told.why_not(code, why_not, request), as_json)
        elif request:
            _show(told.decision(code, request), as_json)
        else:
            found = told.decisions(code)
            if as_json:
                show_json([one.model_dump(mode="json") for one in found])
            else:
                show(Group(*(each for one in found for each in _lines(one))))


def _show(told: Explanation | WhyNot, as_json: bool) -> None:
    if as_json:
        show_json(told.model_dump(mode="json"))
    else:
        show(Group(*_lines(told)))


def _lines(told: Explanation | WhyNot) -> Iterator[Rich]:
    yield line(_both(told), "bold")
    yield from map(
        line, _reasons(told) if isinstance(told, Explanation) else _ways(told)
    )
    versions = "、".join(
        f"{_both(word('version', name))} {one}" for name, one in told.versions.items()
    )
    yield line(f"{_both(phrase('said.versions'))}: {versions}", "dim")


def _reasons(told: Explanation) -> Iterator[str]:
    for table in told.tables:
        yield from _table(table)
    for step in told.steps:
        yield f"  {_both(phrase('said.steps'))}: {_both(step)}"
    if told.handoff:
        yield f"  {_both(phrase('said.handoff'))}: {_handoff(told.handoff)}"
    if told.linkage:
        yield f"  {_both(phrase('said.linkage'))}: {_both(told.linkage)}"
    for deed in told.by_hand:
        yield f"  {_both(phrase('said.by_hand'))}: {_deed(deed)}"
    if not told.recomputed:
        yield f"  {_both(phrase('said.not_recomputed'))}"


def _table(table: TableWhy) -> Iterator[str]:
    for row in table.rows:
        yield f"  {table.name.zh} {_row(row)}"
    seen = [one for one in table.seen if one.decisive]
    if seen:
        told = "；".join(f"{one.label.zh}：{one.zh}" for one in seen)
        tell = "; ".join(f"{one.label.en}: {one.en}" for one in seen)
        yield f"      {_both(phrase('said.facts_seen'))}: {told} · {tell}"


def _deed(deed: ByHand) -> str:
    return f"{deed.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M} {_both(deed)}"


def _row(row: Row) -> str:
    basis, mark = _law(row.legal_basis), _mark(row.provisional)
    return f"{row.table}/{row.row} {row.zh or ''}（{basis}） · {row.en or ''}{mark}"


def _handoff(terms: HandoffTerms) -> str:
    basis, mark = _law(terms.legal_basis), _mark(terms.provisional)
    return f"{terms.zh}（{basis}） · {terms.en}{mark}"


def _law(basis: str) -> str:
    return basis.replace(DESIGN_DEFAULT, phrase("said.design_default").zh)


def _mark(provisional: bool) -> str:
    return f" [{_both(phrase('said.provisional'))}]" if provisional else ""


def _ways(told: WhyNot) -> Iterator[str]:
    for number, way in enumerate(told.ways, start=1):
        yield f"  {number}. {way.zh}"
        yield f"     {way.en}"
        yield from (f"     {_row(row)}" for row in way.rows)
    if told.more:
        yield f"  {_both(phrase('said.more', count=told.more))}"
    for obstacle in told.obstacles:
        yield f"  {_both(phrase('said.obstacles'))}: {_both(obstacle)}"
    if told.present_directory:
        yield f"  {_both(phrase('said.present_directory'))}"


def _both(text: Text) -> str:
    return f"{text.zh} · {text.en}"
