"""Time that is not counted (不计入期限): a clock stands still, and goes on later. Pure.

Only for a reason that its rule names. Meanwhile a clock of its own runs, so that a
dispute whose limit stands still is looked at all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from services.escalation.command import Command, Name
from services.escalation.counting import moved
from services.escalation.domain import (
    PAUSE_REVIEW,
    PAUSE_TERMS,
    Custody,
    RunningClock,
    Stage,
    started,
)
from services.escalation.policy import BEFORE_ACCEPTANCE
from shared.calendar import Calendar
from shared.events.base import DomainEvent
from shared.events.clocks import Pause
from shared.events.errors import RefusedError
from shared.events.escalation import ClockPaused, ClockResumed

IN_HAND = (Stage.IN_HAND, Stage.MEDIATING)


class PauseClock(Command):
    """The holder stops the counting of a limit, for a reason that its rule names."""

    command: Literal["pause_clock"] = "pause_clock"
    clock: Name
    reason: Pause

    def on(
        self, state: Custody, at: datetime, calendar: Calendar
    ) -> Iterator[DomainEvent]:
        state.must_be("pause a clock", *IN_HAND)
        state.must_hold("pause a clock", self.by)
        self._must_be_pausable(state.known(self.clock), at)
        yield ClockPaused(
            clock=self.clock, by=self.by, reason=self.reason, paused_at=at
        )
        if not state.running(PAUSE_REVIEW):
            yield started(PAUSE_TERMS, at, calendar)

    def _must_be_pausable(self, known: RunningClock | None, at: datetime) -> None:
        if known and known.paused:
            raise RefusedError(
                "already-paused",
                f"clock {self.clock!r} stands still already; resume it with "
                "resume_clock once the reason is gone",
                clock=self.clock,
            )
        if known is None or at > known.clock.due or not known.clock.terms.pauses:
            raise RefusedError(
                "not-pausable",
                f"clock {self.clock!r} is not running, is over, or its rule knows no "
                "pause; go on, or ask for more time if its rule allows that",
                clock=self.clock,
            )
        if self.reason not in known.clock.terms.pauses:
            allowed = " ".join(known.clock.terms.pauses)
            raise RefusedError(
                "no-such-pause",
                f"clock {self.clock!r} does not stand still for {self.reason}; its "
                f"rule names: {allowed}",
                clock=self.clock,
                asked=self.reason.value,
                allowed=allowed,
            )


class ResumeClock(Command):
    """The holder has the limit counted again; its end moves by what was not counted."""

    command: Literal["resume_clock"] = "resume_clock"
    clock: Name

    def on(
        self, state: Custody, at: datetime, calendar: Calendar
    ) -> Iterator[DomainEvent]:
        state.must_be("resume a clock", *BEFORE_ACCEPTANCE, *IN_HAND)
        state.must_hold("resume a clock", self.by)
        known = state.known(self.clock)
        if known is None or known.paused is None:
            raise RefusedError(
                "not-paused",
                f"clock {self.clock!r} does not stand still; the state of the dispute "
                "tells which clocks do",
                clock=self.clock,
            )
        yield ClockResumed(
            clock=moved(known.clock, known.paused.paused_at, at, calendar),
            by=self.by,
            reason=known.paused.reason,
            paused_at=known.paused.paused_at,
        )
        if not any(r.paused for r in state.clocks if r is not known):
            yield from state.stopping([PAUSE_REVIEW], met=True)
