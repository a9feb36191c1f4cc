"""Who acts on rules, and who may decide on them for a whole region. Pure.

Any body of the directory may propose. What holds for everybody is approved, rejected,
published and withdrawn by the public bodies of the county or above it.
"""

from __future__ import annotations

from datetime import date

from services.routing.decider import is_below
from services.routing.publishing.refusals import refused
from shared.bodies import Body
from shared.events.base import Value
from shared.events.vocabulary import Tier
from shared.region import Region

_MOST_NAMED = 3


class Person(Value):
    """Who acts: a body of the directory and the official's work name."""

    by: str
    person: str


class Authority(Person):
    """A person of a body that may decide. Nobody is one who did not come by `authority`."""


def authority(who: Person, region: Region, day: date) -> Authority:
    """Who acts, if that body may decide on that day.

    Raises `RefusedError`, naming some that may.
    """
    body = region.bodies.get(who.by)
    if body and _may_decide(body, day):
        return Authority(**dict(who))
    may = [each.id for each in region.bodies.values() if _may_decide(each, day)]
    raise refused(
        "by-not-entitled",
        body=who.by,
        name=body.name if body else who.by,
        may=", ".join(may[:_MOST_NAMED]) or "—",
    )


def _may_decide(body: Body, day: date) -> bool:
    return body.public and body.in_force(day) and not is_below(body.tier, Tier.COUNTY)
