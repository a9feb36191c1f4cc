"""What the tables are asked with in a situation, beside the facts of the dispute."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache

from services.routing.dmn.values import Scalar
from services.routing.domain import NOT_TAKEN
from services.routing.proof.axes import Axis
from services.routing.proof.chains import Situation
from services.routing.proof.web import Web


class Asking:
    """Situations as classes of axes; what no table looks at is left out."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self.classes = cache(self._classes)

    @property
    def most_declines(self) -> int:
        """Beyond so many declines, no table tells more of them apart."""
        place = self._web.axes.of_input("declines")
        return place.axis.size if place else 1

    def _classes(self, here: Situation) -> Mapping[int, int]:
        found = {}
        for name, value in _inputs(here).items():
            if (place := self._web.axes.of_input(name)) is not None:
                assert isinstance(place.axis, Axis)
                found[place.number] = place.axis.class_of(value)
        return found


def _inputs(here: Situation) -> dict[str, Scalar | None]:
    not_taken = here.asked_as if here.reason in NOT_TAKEN else None
    return {
        "reason": str(here.reason),
        "tier": here.reached and str(here.reached),
        "declines": Decimal(here.declines),
        "not_taken": not_taken and str(not_taken),
        "with_sender": here.holder is None,
    }
