"""What a decision entails besides naming a body: the terms of its handoff, the linkage."""

from __future__ import annotations

from services.routing.explaining.text import Text
from services.routing.packs.handoffs import (
    Consent,
    MayDecline,
    Onward,
    OriginClock,
    Responsible,
)
from shared.events.vocabulary import HandoffKind


class HandoffTerms(Text):
    """What this way of handing on entails (移交方式), by the matrix of the pack.

    Its words leave the legal basis out; `feedback` is what the sender is told.
    """

    kind: HandoffKind
    consent: Consent
    may_decline: MayDecline
    responsible: Responsible
    origin_clock: OriginClock
    feedback: Text
    onward: Onward
    legal_basis: str
    provisional: bool = False


class Linked(Text):
    """Which of the bodies that are to act are members of the linkage (联动), by `name`.

    The lead comes first, then the co-handlers; `others` are no members.
    """

    name: Text
    members: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
