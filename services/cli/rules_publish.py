"""Approving and publishing rules, and what is in force when."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group
from rich.table import Table

from services.audit.render import line
from services.audit.wording import local
from services.cli.options import Json, fields, show, show_json
from services.cli.rules_desk import By, Number, Why, a_desk
from services.cli.rules_grounds import Line, grounds, lines
from services.cli.rules_looked import looked, looked_json, waiting
from services.cli.rules_named import short
from services.cli.words import both
from services.routing.backtest.looked import last_look
from services.routing.publishing import Held, Proposal, Publications
from services.routing.publishing.refusals import refused

Row = dict[str, object]


def approve(number: Number, by: By, as_json: Json = False) -> None:
    with a_desk() as desk:
        desk.publishing.approve(desk.authority(by), number)
        tell(desk.publishing.newest(), number, as_json)


def reject(number: Number, by: By, why: Why, as_json: Json = False) -> None:
    with a_desk() as desk:
        desk.publishing.reject(desk.authority(by), number, why)
        tell(desk.publishing.newest(), number, as_json)


def publish(number: Number, by: By, as_json: Json = False) -> None:
    with a_desk() as desk:
        desk.publishing.publish(desk.authority(by), number)
        tell(desk.publishing.newest(), number, as_json)


def withdraw(number: Number, by: By, why: Why, as_json: Json = False) -> None:
    with a_desk() as desk:
        desk.publishing.withdraw(desk.authority(by), number, why)
        tell(desk.publishing.newest(), number, as_json)


def show_one(number: Number, as_json: Json = False) -> None:
    with a_desk() as desk:
        tell(desk.publishing.newest(), number, as_json)


def list_all(as_json: Json = False) -> None:
    with a_desk() as desk:
        state, today = desk.publishing.newest(), desk.publishing.today()
        found, seen = desk.house.found.digest, last_look(desk.house.database)
        now, held = desk.house.database.now(), desk.publishing.held()
    periods = [_period(each, each.covers(now)) for each in held]
    proposals = [_proposal(each) for each in state.proposals.values()]
    published = state.published_directory
    if as_json:
        rows = zip(periods, held, strict=True)
        moments = [row | _moments(each) for row, each in rows]
        told = {"periods": moments, "proposals": proposals}
        known = {"directory": published, "found_directory": found}
        show_json({"today": str(today), **known, **told, **looked_json(seen)})
    else:
        shown = [_shown(*each) for each in zip(periods, held, strict=True)]
        show(Group(*map(_table, filter(None, [shown, proposals]))))
        show(lines([*directories(published, found), (both("field.now"), today)]))
        show(Group(*map(line, [*waiting(state), *looked(seen)])))


def tell(state: Publications, number: int, as_json: bool) -> None:
    """A proposal with its grounds. Raises `RefusedError` if there is none."""
    if number not in state.proposals:
        raise refused("no-such-proposal", proposal=number)
    found = state.proposals[number]
    if as_json:
        show_json({**_proposal(found), "proposal": found.model_dump(mode="json")})
    else:
        show(Group(fields(_proposal(found)), lines(grounds(found.made))))


def directories(published: str | None, found: str) -> Iterator[Line]:
    """The directory published last, and that in the folder where it is another one."""
    yield both("field.directory"), published or "—"
    if found != published:
        yield both("rules.found_directory"), f"{found} {both('rules.not_published')}"


def _period(each: Held, now: bool) -> Row:
    return {
        "in_force": "✓" if now else "",
        "version": each.pack.version,
        "since": each.first_day or "",
        "until": each.last_day or "",
        "emergency": "✓" if each.pack.emergency else "",
        "number": each.pack.proposal or "",
        "digest": each.pack.pack,
    }


def _moments(each: Held) -> Row:
    """For programs: when it began or ended within a day."""
    since, until = each.turns_within_days
    return {"since_at": since or "", "until_at": until or ""}


def _shown(row: Row, each: Held) -> Row:
    """For people: with the time, where it began or ended within a day; a short digest."""
    moments = zip(("since", "until"), each.turns_within_days, strict=True)
    times = {name: local(at) for name, at in moments if at}
    return row | times | {"digest": short(each.pack.pack)}


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
