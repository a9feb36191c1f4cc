"""Which of several bodies that fit comes first, and how that is told. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from services.routing.sought import Sought, Step, Told
from shared.bodies import Body, BodyKind, Preference, Resolution

Rank = tuple[tuple[bool, ...], int, int, str]


class Ranking(NamedTuple):
    """The order for one question. `nearness` numbers the places around, the nearest 0."""

    sought: Sought
    resolution: Resolution
    nearness: Mapping[str, int]

    def rank(self, body: Body) -> Rank:
        """Preferences first, then kinds as the rule names them, then nearness."""
        prefer = self.resolution.prefer
        return (
            tuple(not self._is_preferred(body, one) for one in prefer),
            self.sought.kinds.index(body.kind),
            self.nearness[body.place],
            body.id,
        )

    def takes_from(self, body: Body) -> bool:
        """A body of chambers is for their members only."""
        return not body.chambers or self._belongs(body)

    def told(self, body: Body) -> Iterator[Step]:
        """The preferences that count for this body."""
        for one in self.resolution.prefer:
            if self._is_preferred(body, one):
                yield self._step(body, one)

    def _is_preferred(self, body: Body, one: Preference | BodyKind) -> bool:
        match one:
            case Preference.STATIONED:
                return body.host is not None and body.host == self.sought.sender
            case Preference.SPECIALISED:
                return self.sought.kind in body.fields
            case Preference.ORGANISATION:
                return self._belongs(body)
            case _:
                return body.kind is one

    def _belongs(self, body: Body) -> bool:
        organisation = self.sought.organisation
        return organisation is not None and body.belongs(organisation, self.sought.day)

    def _step(self, body: Body, one: Preference | BodyKind) -> Step:
        match one:
            case Preference.STATIONED:
                return (Told.STATIONED, body.id, body.host or "")
            case Preference.SPECIALISED:
                return (Told.SPECIALISED, body.id, self.sought.kind)
            case Preference.ORGANISATION:
                return (Told.ORGANISATION, body.id, self.sought.organisation or "")
            case _:
                return (Told.PREFERRED, body.id, body.kind)
