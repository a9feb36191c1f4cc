"""The rows of a region's directory: what each must be, and what they say of each other.

A fault is refused with its file, row, reason and remedy. Nothing is guessed or mended.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from shared.bodies import Body, Channel, Kind, Sender, Words
from shared.divisions import Division, Divisions, is_division_code, parent_of
from shared.events.base import Value
from shared.events.vocabulary import Source
from shared.region_files import (
    Folder,
    Line,
    RegionRefusedError,
    checked,
    read_csv,
    read_toml,
)

HEAD, RULES = "region.toml", "routing.toml"
DIVISIONS, BODIES = "divisions.csv", "bodies.csv"
CHANNELS, SENDERS = "channels.csv", "senders.csv"


class _SenderRow(Value):
    body: str
    source: Source


class _ChannelRow(Channel):
    body: str


def read_divisions(folder: Folder) -> list[Division]:
    columns = ("code", "name", "name_en", "valid_from", "valid_to", "successor")
    lines = read_csv(folder, DIVISIONS, columns)
    _refuse_doubles(lines, "code")
    known = {line.cells.get("code"): line for line in lines}
    found = []
    for line in lines:
        division = line.as_a(Division)
        _check_division(line, division, known)
        found.append(division)
    _refuse_circles(lines, "code", "successor")
    return found


def _check_division(
    line: Line, division: Division, known: Mapping[str | None, Line]
) -> None:
    if not is_division_code(division.code):
        raise line.refuse(f"{division.code!r} is no code", "give 6, 9 or 12 digits")
    above = parent_of(division.code)
    if above and above not in known:
        raise line.refuse(f"its parent {above} is missing", f"add a row for {above}")
    if division.successor and division.successor not in known:
        raise line.refuse(
            f"its successor {division.successor} is missing", "add a row for it"
        )
    if division.valid_to and division.valid_to < division.valid_from:
        raise line.refuse("it ends before it begins", "correct valid_from or valid_to")


def read_bodies(
    folder: Folder, divisions: Divisions, kinds: Mapping[str, Kind]
) -> dict[str, Body]:
    lines = read_csv(folder, BODIES, tuple(Body.model_fields))
    _refuse_doubles(lines, "id")
    ids = {line.cells.get("id", "") for line in lines}
    bodies = {}
    for line in lines:
        fields = frozenset(line.cells.get("fields", "").split())
        body = line.as_a(Body, fields=fields)
        _check_body(line, body, ids, divisions, kinds)
        bodies[body.id] = body
    _refuse_circles(lines, "id", "parent")
    return bodies


_DIGITS = {"grid": 12, "village": 12, "town": 9}


def _check_body(
    line: Line,
    body: Body,
    ids: set[str],
    divisions: Divisions,
    kinds: Mapping[str, Kind],
) -> None:
    if body.place not in divisions:
        raise line.refuse(f"place {body.place} is unknown", f"add it to {DIVISIONS}")
    if len(body.place) != (digits := _DIGITS.get(body.tier, 6)):
        raise line.refuse(
            f"a body of tier {body.tier} cannot have place {body.place}",
            f"give the code of {digits} digits, or correct the tier",
        )
    for column, other in (("host", body.host), ("parent", body.parent)):
        if other and other not in ids:
            raise line.refuse(f"{column} {other} is no body", "add it, or correct it")
    if unknown := sorted(body.fields - kinds.keys()):
        raise line.refuse(
            f"field {unknown[0]} is no kind of dispute", f"use the kinds of {HEAD}"
        )
    if body.valid_to and body.valid_to < body.valid_from:
        raise line.refuse("it ends before it begins", "correct valid_from or valid_to")


def read_senders(folder: Folder, bodies: Mapping[str, Body]) -> dict[str, Sender]:
    senders: dict[str, Sender] = {}
    for line in read_csv(folder, SENDERS, ("body", "source")):
        body = _body_of(line, bodies)
        before = senders[body].sources if body in senders else ()
        row = line.as_a(_SenderRow)
        if row.source in before:
            raise line.refuse("it stands there twice", "keep one of the two rows")
        senders[body] = Sender(body=body, sources=(*before, row.source))
    return senders


def read_channels(
    folder: Folder, bodies: Mapping[str, Body]
) -> dict[str, tuple[Channel, ...]]:
    ways: defaultdict[str, list[Channel]] = defaultdict(list)
    for line in read_csv(folder, CHANNELS, ("body", "kind", "address")):
        way = line.as_a(_ChannelRow)
        channel = Channel(kind=way.kind, address=way.address)
        ways[_body_of(line, bodies)].append(channel)
    if silent := sorted(bodies.keys() - ways.keys()):
        raise RegionRefusedError(
            CHANNELS, "the file", f"no way leads to {silent[0]}", "add a row for it"
        )
    return {body: tuple(found) for body, found in ways.items()}


def read_words(folder: Folder) -> dict[tuple[str, str], Words]:
    """What the rows of the rule tables say to people, by table and id of the row.

    Whether the tables are sound as rules is for routing to check.
    """
    return {
        (table, row["id"]): _words(table, row)
        for table, rows in read_toml(folder, RULES).items()
        if isinstance(rows, list)
        for row in rows
        if isinstance(row, dict) and "id" in row
    }


def _words(table: str, row: Mapping[str, object]) -> Words:
    words = {"zh": row.get("zh"), "en": row.get("en")}
    return checked(Words, words, RULES, f"{table} {row['id']}")


def _body_of(line: Line, bodies: Mapping[str, Body]) -> str:
    if (body := line.cells.get("body", "")) in bodies:
        return body
    raise line.refuse(f"{body or 'nothing'} is no body", f"add it to {BODIES}")


def _refuse_doubles(lines: Iterable[Line], column: str) -> None:
    first: dict[str, Line] = {}
    for line in lines:
        name = line.cells.get(column, "")
        if before := first.get(name):
            raise line.refuse(
                f"{column} {name} already stands in {before.row}", "keep one of them"
            )
        first[name] = line


def _refuse_circles(lines: Iterable[Line], name: str, above: str) -> None:
    by_name = {line.cells[name]: line for line in lines}
    for line in by_name.values():
        passed, here = {line.cells[name]}, line
        while up := here.cells.get(above):
            if up in passed:
                raise line.refuse(
                    f"{above} leads in a circle over {up}", f"correct column {above}"
                )
            passed.add(up)
            here = by_name[up]
