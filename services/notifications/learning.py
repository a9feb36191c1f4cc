"""What notices need to know of a dispute, gathered from what each speaker says. Pure.

Kept apart per speaker: nothing here mixes what intake said with what escalation said.
"""

from __future__ import annotations

from services.notifications.table import NoticeTable
from shared.events.base import DomainEvent
from shared.events.escalation import (
    CustodyOpened,
    FactsCorrected,
    HandoffAccepted,
    HandoffDesignated,
    KeptForSafety,
)
from shared.events.facts import Facts
from shared.events.intake import DisputeCorrected, DisputeRegistered, Party
from shared.events.notifications import Addressee, DisputeLearned

LEARNS_FROM = frozenset(
    kind.event_name
    for kind in (
        DisputeRegistered,
        DisputeCorrected,
        CustodyOpened,
        FactsCorrected,
        HandoffAccepted,
        HandoffDesignated,
        KeptForSafety,
    )
)


def learn(
    speaker: str, event: DomainEvent, before: DisputeLearned | None, table: NoticeTable
) -> DisputeLearned | None:
    """What is known from this speaker once it has said this; None if nothing is."""
    match event:
        case DisputeRegistered():
            return DisputeLearned(
                speaker=speaker,
                code=event.code,
                holder=event.first_contact,
                facts=event.facts,
                parties=len(event.parties),
                silent=_is_silent(event.facts, table),
                addressees=_addressees(event.parties),
            )
        case CustodyOpened():
            return DisputeLearned(
                speaker=speaker,
                code=event.code,
                holder=event.holder,
                facts=event.facts,
                parties=event.parties,
                silent=_is_silent(event.facts, table),
            )
        case _:
            return before and before.model_copy(update=_news(event, table))


def _news(event: DomainEvent, table: NoticeTable) -> dict[str, object]:
    match event:
        case DisputeCorrected(facts=facts, parties=parties):
            told = {"addressees": _addressees(parties)}
            return told | _corrected(facts, len(parties), table)
        case FactsCorrected(facts=facts, parties=count):
            return _corrected(facts, count, table)
        case HandoffAccepted(by=holder) | HandoffDesignated(to=holder):
            return {"holder": holder}
        case KeptForSafety():
            return {"silent": True}
        case _:
            return {}


def _corrected(facts: Facts, parties: int, table: NoticeTable) -> dict[str, object]:
    silent = _is_silent(facts, table)
    return {"facts": facts, "parties": parties, "silent": silent}


def _is_silent(facts: Facts, table: NoticeTable) -> bool:
    return not table.silent_flags.isdisjoint(facts.flags)


def _addressees(parties: tuple[Party, ...]) -> tuple[Addressee, ...]:
    return tuple(Addressee(number=p.number, contact=p.contact) for p in parties)
