"""What rules may see of a dispute. No personal data: counts, kinds, places, flags."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from shared.events.base import Value
from shared.events.vocabulary import Flag, HandoffKind, Source


class Exactness(StrEnum):
    """How a printed number is meant: exact, 余/以上 at least, 近 nearly."""

    EXACT = "exact"
    AT_LEAST = "at_least"
    NEARLY = "nearly"


class Money(Value):
    """A sum in yuan and how exactly it is known."""

    yuan: Decimal
    exactness: Exactness = Exactness.EXACT


class Facts(Value):
    """The whole world that a routing rule may see of a dispute.

    `place` is a 6-, 9- or 12-digit division code, valid on the day it arose. `persons`
    counts all parties, `side` the larger side. `asked` is the handoff kind that the
    sender named. `organisation` is the directory's code of the chamber (商会), market,
    grid or firm that the dispute belongs to, if one was named.
    """

    source: Source
    sender: str
    kind: str
    place: str
    persons: int
    side: int
    amount: Money | None = None
    flags: tuple[Flag, ...] = ()
    asked: HandoffKind
    prior_failed: tuple[str, ...] = ()
    organisation: str | None = None
