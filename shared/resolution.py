"""How a rule pack wants bodies to be looked for (机构查找规则), beyond its tables."""

from __future__ import annotations

from enum import StrEnum

from shared.body_kinds import BodyKind
from shared.events.base import Value


class Preference(StrEnum):
    """What brings a body before others that a rule names too."""

    STATIONED = "stationed"  # a room that stands with who sent or holds the dispute
    SPECIALISED = "specialised"  # a body whose fields name the kind of dispute
    ORGANISATION = "organisation"  # a body of the party's chamber or grid


class OutsideHours(StrEnum):
    """What becomes of an offer while a body is closed."""

    WAIT = "wait"  # it is made all the same and answered when the body opens
    SKIP = "skip"  # another body is looked for


class Resolution(Value):
    """Preferences, or kinds of body, that come before the order of kinds in a rule.

    The first one counts first.
    """

    prefer: tuple[Preference | BodyKind, ...] = ()
    outside_hours: OutsideHours = OutsideHours.WAIT
