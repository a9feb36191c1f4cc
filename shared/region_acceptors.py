"""The optional files of a directory: who answers for bodies, who belongs to a chamber.

A body without rows is taken to have one post that is always there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from shared.acceptors import Acceptor, Away, Member
from shared.bodies import Body
from shared.region_checks import body_of, circles, doubles, of_days
from shared.region_faults import Faults
from shared.region_files import Folder, Line, checked, read_csv

ACCEPTORS, MEMBERS = "acceptors.csv", "members.csv"
_POST = ("body", "acceptor", "deputy_of", "channel", "valid_from", "valid_to")
_AWAY = ("away_from", "away_to")
_AWAY_NAMES = {"first": "away_from", "last": "away_to"}
POST_COLUMNS = (*_POST, *_AWAY)
MEMBER_COLUMNS = tuple(Member.model_fields)

Posts = Mapping[str, tuple[Acceptor, ...]]


def read_acceptors(folder: Folder, bodies: Collection[str], faults: Faults) -> Posts:
    """The posts of each body; faults are kept."""
    if not (folder / ACCEPTORS).is_file():
        return {}
    found: defaultdict[str, list[Acceptor]] = defaultdict(list)
    with faults.caught():
        lines = read_csv(folder, ACCEPTORS, POST_COLUMNS, faults=faults)
        faults.found.extend(doubles(lines, "acceptor", "body", *_AWAY))
        for rows in _by_post(lines).values():
            with faults.caught():
                body = body_of(rows[0], bodies)
                found[body].append(_post(rows))
        for rows in _by_body(lines).values():
            _check_deputies(rows, faults)
    return {body: tuple(posts) for body, posts in found.items()}


def _by_post(lines: Iterable[Line]) -> dict[tuple[str, str], list[Line]]:
    rows: defaultdict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in lines:
        cells = line.cells
        rows[cells.get("body", ""), cells.get("acceptor", "")].append(line)
    return rows


def _by_body(lines: Iterable[Line]) -> dict[str, list[Line]]:
    rows: defaultdict[str, list[Line]] = defaultdict(list)
    for line in lines:
        rows[line.cells.get("body", "")].append(line)
    return rows


def _post(rows: list[Line]) -> Acceptor:
    """One post, whose absences stand in a row each."""
    first, *others = rows
    own = {name: first.cells.get(name) for name in _POST}
    for line in others:
        if any(line.cells.get(name) != value for name, value in own.items()):
            raise line.refuse(
                f"it says another thing of this post than {first.row}",
                "repeat the same cells; only away_from and away_to may differ",
                "post-differs",
                "acceptor",
                before=first.row,
            )
    away = tuple(found for line in rows if (found := _away(line)))
    cells: dict[str, Any] = {k: v for k, v in own.items() if v and k != "body"}
    post = checked(Acceptor, {**cells, "away": away}, first.file, first.row)
    for fault in of_days(first, post):
        raise fault
    return post


def _away(line: Line) -> Away | None:
    first, last = (line.cells.get(name) for name in _AWAY)
    if first is None and last is None:
        return None
    data = {"first": first, "last": last} if last else {"first": first}
    away = checked(Away, data, line.file, line.row, _AWAY_NAMES)
    if away.last and away.last < away.first:
        raise line.refuse(
            "the absence ends before it begins",
            "correct away_from or away_to",
            "ends-before",
            "away_to",
        )
    return away


def _check_deputies(rows: list[Line], faults: Faults) -> None:
    posts = {line.cells.get("acceptor") for line in rows}
    told = {(fault.file, fault.row, fault.column) for fault in faults.found}
    for line in rows:
        chief = line.cells.get("deputy_of")
        untold = (line.file, line.row, "deputy_of") not in told
        if chief and chief not in posts and untold:
            fault = line.refuse(
                f"{chief} is no post of this body",
                "add its row, or correct deputy_of",
                "no-post",
                "deputy_of",
                name=chief,
            )
            faults.found.append(fault)
    faults.found.extend(circles(rows, "acceptor", "deputy_of"))


def read_members(
    folder: Folder, bodies: Iterable[Body], faults: Faults
) -> list[Member]:
    if not (folder / MEMBERS).is_file():
        return []
    known = {code for body in bodies for code in body.chambers | body.grids}
    found = []
    with faults.caught():
        lines = read_csv(folder, MEMBERS, MEMBER_COLUMNS, faults=faults)
        faults.found.extend(doubles(lines, "organisation", "member_of", "valid_from"))
        for line in lines:
            with faults.caught():
                found.append(_member(line, known))
    return found


def _member(line: Line, known: Collection[str]) -> Member:
    member = line.as_a(Member)
    for fault in of_days(line, member):
        raise fault
    if member.member_of not in known:
        raise line.refuse(
            f"{member.member_of} is no chamber or grid of any body",
            "name it at the body that is for it, or correct it",
            "no-chamber",
            "member_of",
            name=member.member_of,
        )
    return member


def members_of(body: Body, members: Iterable[Member]) -> tuple[Member, ...]:
    codes = body.chambers | body.grids
    return tuple(member for member in members if member.member_of in codes)
