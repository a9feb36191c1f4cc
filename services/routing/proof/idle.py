"""Leads that are to mediate and do not: a note, for whoever keeps the directory.

The directory says of a body whether it mediates (`mediates`); one that dispatches hands
the dispute on. What is handed over in another way, a regulator decides itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from services.routing.proof.futures import Future
from shared.body_kinds import BodyKind
from shared.events.routing import Action
from shared.events.vocabulary import HandoffKind

TO_MEDIATE = frozenset(
    {
        HandoffKind.REFERRAL,
        HandoffKind.ENTRUSTED_MEDIATION,
        HandoffKind.COURT_DELEGATED_MEDIATION,
        HandoffKind.COURT_ENTRUSTED_MEDIATION,
        HandoffKind.PETITION_TO_MEDIATION,
    }
)
"""Ways of handing on to a body that mediates (handoffs.csv, column `to`)."""


class Idle(NamedTuple):
    """A kind of body that a row names to mediate, and by which way of handing on."""

    row: str
    kind: BodyKind
    handoff: HandoffKind


def idle(future: Future) -> Iterator[Idle]:
    """Every such lead of a future."""
    for steps in future.exploring.steps.values():
        for found in (step.found for step in steps.values()):
            lead, handoff = found.lead, found.answer.handoff
            if found.action is not Action.OFFER or handoff not in TO_MEDIATE:
                continue
            if lead and handoff and not (lead.mediates or lead.dispatcher):
                yield Idle(dict(found.answer.rows).get("lead", ""), lead.kind, handoff)
