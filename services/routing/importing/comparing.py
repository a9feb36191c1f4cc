"""What differs between two versions of a directory. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from shared.bodies import Body
from shared.divisions import Division
from shared.region_directory import Contents

Named = TypeVar("Named", Body, Division)


class Change(NamedTuple):
    """One field of a body or division, before and after, as texts."""

    id: str
    name: str
    field: str
    before: str
    after: str


class Difference(NamedTuple):
    """Bodies and divisions by what became of them.

    `ended` had no last day before and have one now; `gone` are in the files no more.
    """

    added: tuple[str, ...]
    ended: tuple[str, ...]
    gone: tuple[str, ...]
    changed: tuple[Change, ...]

    @property
    def is_empty(self) -> bool:
        return not any(self)


def differences(before: Contents, after: Contents) -> Difference:
    """What the later directory says of bodies, their ways and posts, and of places."""
    bodies = _compared(before.bodies, after.bodies)
    places = _compared(_by_code(before), _by_code(after))
    ways = tuple(
        Change(
            id, after.bodies[id].name, "channels", _ways(before, id), _ways(after, id)
        )
        for id in after.bodies
        if id in before.bodies and _ways(before, id) != _ways(after, id)
    )
    return Difference(
        added=places.added + bodies.added,
        ended=places.ended + bodies.ended,
        gone=places.gone + bodies.gone,
        changed=places.changed + bodies.changed + ways,
    )


def _compared(before: Mapping[str, Named], after: Mapping[str, Named]) -> Difference:
    both = [id for id in after if id in before]
    ended = tuple(
        id for id in both if after[id].valid_to and before[id].valid_to is None
    )
    return Difference(
        added=tuple(id for id in after if id not in before),
        ended=ended,
        gone=tuple(id for id in before if id not in after),
        changed=tuple(
            change
            for id in both
            for change in _changes(id, before[id], after[id])
            if not (id in ended and change.field == "valid_to")
        ),
    )


def _changes(id: str, before: Named, after: Named) -> list[Change]:
    return [
        Change(id, after.name, field, _text(old), _text(new))
        for field in type(after).model_fields
        if (old := getattr(before, field)) != (new := getattr(after, field))
    ]


def _by_code(contents: Contents) -> dict[str, Division]:
    return {division.code: division for division in contents.divisions}


def _ways(contents: Contents, body: str) -> str:
    ways = contents.channels.get(body, ())
    return ", ".join(f"{way.kind}:{way.address}" for way in ways)


def _text(value: object) -> str:
    match value:
        case None:
            return "—"
        case bool():
            return "yes" if value else "no"
        case frozenset():
            return " ".join(sorted(map(str, value))) or "—"
        case tuple():
            return str(len(value))
        case _:
            return str(getattr(value, "written", value))
