"""Which bodies may decide by hand: public ones of the place, and the supervisor.

Pure. Only public bodies designate (人民调解法第5条; 广东第8条); a supervisor that is not
public may only propose, so what it decides can be declined.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from shared.bodies import Body, BodyKind
from shared.events.vocabulary import Tier
from shared.region import Region

DECIDE = (
    BodyKind.CENTRE_ONE_STOP,
    BodyKind.JUSTICE_BUREAU,
    BodyKind.JUDICIAL_OFFICE,
)
"""Kinds of public body that decide who acts, the one that is told first at the front."""

NOBODYS = frozenset({BodyKind.COURT, BodyKind.TRIBUNAL, BodyKind.PROCURATORATE})
"""Nobody outside can make these act (宪法第131、136条): the matrix has no common
superior that designates them, so they are only referred to.
"""


@dataclass(frozen=True)
class Offices:
    """The directory on one day, as far as decisions by hand need it."""

    region: Region
    day: date

    def may_decide(self, by: str, holder: str, place: str) -> bool:
        """Whether a body may decide about a dispute at a place that `holder` has."""
        body, held_by = self._known(by), self._known(holder)
        if body is None:
            return False
        supervises = held_by is not None and held_by.parent == by
        return supervises or (self._decides(body) and body.place in self._around(place))

    def designates(self, by: str, to: str) -> bool:
        """Whether what this body decides about the other is a designation (指定)."""
        body, named = self._known(by), self._known(to)
        if body is None or named is None:
            return False
        return body.public and named.kind not in NOBODYS

    def superior(self, body: str) -> str | None:
        """The next body above it in its own system (上一级机关)."""
        found = self._known(body)
        above = self._known(found.parent) if found and found.parent else None
        return above.id if above else None

    def tier(self, body: str) -> Tier | None:
        found = self._known(body)
        return found.tier if found else None

    def decider(self, place: str) -> str | None:
        """The public body that a party's wish for a person is told to: the nearest."""
        around = list(self._around(place))
        serving = [b for b in self.region.bodies.values() if b.place in around]
        fit = [b for b in serving if self._decides(b) and b.in_force(self.day)]
        fit.sort(key=lambda b: (DECIDE.index(b.kind), around.index(b.place), b.id))
        return fit[0].id if fit else None

    def _known(self, id: str) -> Body | None:
        body = self.region.bodies.get(id)
        return body if body and body.in_force(self.day) else None

    def _decides(self, body: Body) -> bool:
        return body.public and body.kind in DECIDE

    def _around(self, place: str) -> Iterator[str]:
        for chain in self.region.divisions.around(place, self.day):
            yield chain[-1]
