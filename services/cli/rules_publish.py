"""Approving and publishing rules, and what is in force when."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group
from rich.table import Table

from services.audit.render import line
from services.cli.options import Json, fields, show, show_json
from services.cli.rules_desk import By, Number, Why, a_desk
from services.cli.rules_grounds import Line, grounds, lines
from services.cli.words import both
from services.routing.publishing import InForce, Proposal, Publications
from services.routing.publishing.refusals import refused

Row = dict[str, object]


def approve(number: Number, by: By, as_json: Json = False) -> None:
    with a_desk() as desk:
        desk.publishing.approve(desk.person(by), number)
        tell(desk.publishing.newest(), number, as_json)


def reject(number: Number, by: By, why: Why, as_json: Json = False) -> None:
    with a_desk() as desk:
        desk.publishing.reject(desk.person(by), number, why)
        tell(desk.publishing.newest(), number, as_json)


def publish(number: Number, by: By, as_json: Json = False) -> None:
    with a_desk() as desk:
        desk.publishing.publish(desk.person(by), number)
        tell(desk.publishing.newest(), number, as_json)


def withdraw(number: Number, by: By, why: Why, as_json: Json = False) -> None:
    with a_desk() as desk:
        desk.publishing.withdraw(desk.person(by), number, why)
        tell(desk.publishing.newest(), number, as_json)


def show_one(number: Number, as_json: Json = False) -> None:
    with a_desk() as desk:
        tell(desk.publishing.newest(), number, as_json)


def list_all(as_json: Json = False) -> None:
    with a_desk() as desk:
        state, today = desk.publishing.newest(), desk.publishing.today()
        used = desk.house.region.digest
    periods = [_period(each, each.covers(today)) for each in state.calendar()]
    proposals = [_proposal(each) for each in state.proposals.values()]
    published = state.published_directory
    if as_json:
        told = {"periods": periods, "proposals": proposals}
        known = {"directory": used, "published_directory": published}
        show_json({"today": str(today), **known, **told})
    else:
        show(Group(*map(_table, filter(None, [periods, proposals]))))
        show(lines([*directories(used, published), (both("field.now"), today)]))


def tell(state: Publications, number: int, as_json: bool) -> None:
    """A proposal with its grounds. Raises `RefusedError` if there is none."""
    if number not in state.proposals:
        raise refused("no-such-proposal", proposal=number)
    found = state.proposals[number]
    if as_json:
        show_json({**_proposal(found), "proposal": found.model_dump(mode="json")})
    else:
        show(Group(fields(_proposal(found)), lines(grounds(found.made))))


def directories(used: str, published: str | None) -> Iterator[Line]:
    """The directory in use here, marked if it is not the one published last."""
    if used == published:
        yield both("field.directory"), used
        return
    yield both("field.directory"), f"{used} {both('rules.not_published')}"
    yield both("rules.published_directory"), published or "—"


def _period(each: InForce, now: bool) -> Row:
    return {
        "in_force": "✓" if now else "",
        "version": each.version,
        "since": each.since or "",
        "until": each.until or "",
        "emergency": "✓" if each.emergency else "",
        "number": each.proposal or "",
        "digest": each.pack,
    }


def _proposal(found: Proposal) -> Row:
    made = found.made
    return {
        "number": made.proposal,
        "proposal_stage": both(f"rules.stage.{_stage(found)}"),
        "version": made.version,
        "since": made.valid_from,
        "until": made.until or "",
        "emergency": "✓" if made.emergency else "",
        "proposed_by": f"{made.by}/{made.person}",
        "approved_by": ", ".join(f"{one.by}/{one.person}" for one in found.approvals),
    }


def _stage(found: Proposal) -> str:
    return "approved" if found.may_be_published else found.stage


def _table(rows: list[Row]) -> Table:
    table = Table(*[both(f"field.{name}") for name in rows[0]], box=None)
    for row in rows:
        table.add_row(*[line(str(cell)) for cell in row.values()])
    return table
