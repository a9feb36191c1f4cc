"""What the directory is asked and what it tells. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from shared.bodies import Body, BodyKind
from shared.events.vocabulary import Tier

Step = tuple[str, ...]


class Told(StrEnum):
    """What a step says. The facts that follow the code are given with each."""

    FOUND = "found"  # body, kind, place
    PLACE_SUCCEEDED = "place-succeeded"  # ended code, its successor
    PASSED_OVER = "passed-over"  # body that declined or did not answer
    PRIOR_FAILED = "prior-failed"  # body that has tried before
    TRIED = "tried"  # body that held it and could not settle it
    HOLDS_IT = "holds-it"  # body that holds it and asks for another
    SENT_IT = "sent-it"  # body that referred it away
    DESIGNATES = "designates"  # body that designates and is not proposed
    NOT_IN_FORCE = "not-in-force"  # body, day
    NOT_AWAKE = "not-awake"  # body where nobody answers, day
    OUTSIDE_HOURS = "outside-hours"  # body that is closed, its hours
    DEPUTY = "deputy"  # body, the post that answers, the post that is away
    STATIONED = "stationed"  # room, the body where it stands
    SPECIALISED = "specialised"  # body, kind of dispute
    ORGANISATION = "organisation"  # body, the party's organisation
    PREFERRED = "preferred"  # body, its kind
    NO_BODY = "no-body"  # place, kinds
    TO_SENDER = "to-sender"  # body
    NO_SENDER = "no-sender"  # body that is in the directory no more
    DESIGNATOR = "designator"  # body
    NO_DESIGNATOR = "no-designator"  # place
    PROPOSES_NONE = "proposes-none"


class Sought(NamedTuple):
    """What is looked for. `skip` maps bodies that it must not be to the step
    that says so; with `public` it must be a public body.

    `organisation` is the chamber, grid or firm of a party, `sender` the body that the
    dispute came from, `at` the moment, for hours. Without `awake` it may be a body
    where nobody answers today.
    """

    kinds: tuple[BodyKind, ...]
    kind: str
    place: str
    day: date
    from_tier: Tier | None = None
    skip: Mapping[str, Told] = {}
    public: bool = False
    organisation: str | None = None
    sender: str | None = None
    at: datetime | None = None
    awake: bool = True


class Found(NamedTuple):
    """The body, the steps, and the bodies passed over because nobody was awake."""

    body: Body | None
    steps: tuple[Step, ...]
    asleep: tuple[str, ...] = ()
