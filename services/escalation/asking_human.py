"""A party's wish that a person decides (请求人工决定, PIPL 24). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from services.escalation.command import OfficeCommand, must_be_party
from services.escalation.domain import HUMAN, HUMAN_TERMS, Custody, Stage, started
from services.escalation.offices import Offices
from services.escalation.policy import BEFORE_ACCEPTANCE
from shared.calendar import Calendar
from shared.events.base import DomainEvent
from shared.events.escalation import HumanAsked

CAN_ASK = (
    *BEFORE_ACCEPTANCE,
    *(Stage.IN_HAND, Stage.MEDIATING, Stage.KEPT, Stage.LED_TO_LAW),
)


class AskForHuman(OfficeCommand):
    """A party wants a person to decide and not a rule (PIPL 24). Any body records it.

    What the rules decided goes on meanwhile; a clock watches that a person looks at it.
    """

    command: Literal["ask_for_human"] = "ask_for_human"
    party: Annotated[int, Field(ge=1)]

    def among(
        self, state: Custody, at: datetime, calendar: Calendar, offices: Offices
    ) -> Iterator[DomainEvent]:
        state.must_be("ask for a person", *CAN_ASK)
        must_be_party(state, self.party)
        place = state.facts.place if state.facts else ""
        yield HumanAsked(
            party=self.party,
            by=self.by,
            holder=state.holder,
            decider=offices.decider(place),
            request=state.requests,
            rows=() if state.asked else state.rows,
        )
        if not state.running(HUMAN):
            yield started(HUMAN_TERMS, at, calendar)
