"""Clocks and handoffs of a pack: each limit has a unit and a citation, each offer is of
a kind that the handoff matrix has, and no terms say otherwise than the matrix.
"""

from __future__ import annotations

from collections.abc import Iterator

from services.routing.explaining.values import Text
from services.routing.explaining.words import word
from services.routing.packs.handoffs import HandoffRule, MayDecline
from services.routing.packs.pack import Pack
from services.routing.proof.certificate import Failure
from services.routing.proof.firing import Firing, in_front
from services.routing.proof.smallest import Example, Smallest
from services.routing.proof.web import Web
from services.routing.proof.wording import Wording
from shared.calendar import Unit
from shared.events.vocabulary import HandoffKind

NO_CITATION = ("", "-", "—", "待定", "tbd", "unknown")


def clocks(pack: Pack, wording: Wording) -> Iterator[Failure]:
    """Limits without a unit or a citation, those of first handling included."""
    named = {id: clock.legal_basis for id, clock in pack.clocks.items()}
    units = {id: clock.unit for id, clock in pack.clocks.items()}
    for source, profile in pack.profiles.items():
        first = f"{profile.first_clock.name} ({source})"
        named[first] = profile.first_clock.legal_basis
        units[first] = profile.first_clock.period.unit
    for id, basis in named.items():
        if basis.strip().lower() in NO_CITATION:
            yield wording.failure("clock-without-citation", clock=id)
        if units[id] not in tuple(Unit):
            yield wording.failure("clock-without-unit", clock=id)


class Handoffs:
    """The kinds of handoff that can really come out, and the terms that each gets."""

    def __init__(
        self, pack: Pack, web: Web, smallest: Smallest, wording: Wording
    ) -> None:
        self._pack, self._space = pack, web.space
        self._smallest, self._wording = smallest, wording
        self._terms = web.laid[pack.tables["terms"].id]
        self._fronts = in_front(self._terms.table)
        self._seen = web.axes.place((pack.tables["handoff"].id, ""))

    def failures(self) -> Iterator[Failure]:
        """Raises `TooMuchError`."""
        if self._seen is None:
            return
        axis = self._seen.axis
        assert isinstance(axis, Firing)
        for value in dict.fromkeys(axis.values[""]):
            same = (n for n, one in enumerate(axis.values[""]) if one == value)
            room = [*self._terms.room]
            room[self._seen.number] &= sum(1 << n for n in same)
            kind = None if value is None else HandoffKind(str(value))
            yield from self._of_kind(kind, room)

    def _of_kind(self, kind: HandoffKind | None, room: list[int]) -> Iterator[Failure]:
        rule = self._pack.handoffs.get(kind) if kind else None
        if rule:
            for place in range(len(self._terms.table.rows)):
                yield from self._of_row(place, rule, room)
        elif found := self._example(room, 0):
            code = "no-handoff" if kind is None else "unknown-handoff"
            meant = word("handoff", kind)
            yield self._wording.failure(
                code, table="handoff", kind=meant, example=found.point
            )

    def _of_row(
        self, place: int, rule: HandoffRule, room: list[int]
    ) -> Iterator[Failure]:
        """Whether the terms say of declining what the matrix says."""
        row = self._terms.table.rows[place]
        names = [output.name for output in self._terms.table.outputs]
        said = row.entries[names.index("may_decline")].result({})
        if said is (rule.may_decline is not MayDecline.NO):
            return
        front = self._terms.numbered(self._fronts[place])
        its = self._space.within(self._terms.box(place), room)
        if found := self._example(its, front):
            yield self._wording.failure(
                "may-not-decline" if said else "may-decline",
                table="terms",
                rows=(row.told,),
                kind=Text(zh=rule.zh, en=rule.en),
                example=found.point,
            )

    def _example(self, room: list[int], front: int) -> Example | None:
        avoid = self._terms.world | front
        found = self._space.find(room, avoid)
        return None if found is None else self._smallest.example(room, avoid, found)
