"""More time (延长): only as the rule of the clock allows, and by whom it says. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from services.escalation.command import Name, OfficeCommand
from services.escalation.counting import longer
from services.escalation.domain import Custody, RunningClock, Stage
from services.escalation.offices import Offices
from shared.calendar import Calendar, Unit
from shared.events.base import DomainEvent
from shared.events.clocks import ClockTerms
from shared.events.errors import NotYoursError, RefusedError
from shared.events.escalation import ClockExtended, ExtensionReason

EXTEND = "extend a clock"
MEDIATION = "mediation"
PARTIES, SUPERIOR, SENDER = "parties", "superior", "sender"
"""All other words of a rule are posts in the body that holds the dispute."""

LONGEST_EXTENSION = timedelta(days=180)
"""In all, where a rule sets no longest extension; this is a design default."""


class Allowed(NamedTuple):
    """Who makes a clock longer; with `most` once, and by so much of its unit at most."""

    who: str
    most: int | None


def allowed(terms: ClockTerms) -> Allowed | None:
    """What the rule of a clock says of more time.

    Of mediation that began before terms told it, the parties could always agree.
    """
    rule = terms.extension
    if terms.pauses is None and terms.name == MEDIATION:
        rule = PARTIES
    who, _, most = (rule or "").partition("+")
    return Allowed(who, int(most) if most else None) if who else None


class ExtendClock(OfficeCommand):
    """More time for a limit, before it is over and counted from its old end.

    Where the parties must agree, its holder says that they do; else whoever approves by
    the rule gives it, with a reason: the head through the holder, the superior of the
    holder, or the body that sent it. `days` are calendar days where the parties agree,
    and of the unit of the rule where somebody approves.
    """

    command: Literal["extend_clock"] = "extend_clock"
    clock: Name
    days: Annotated[int, Field(ge=1, le=180)]
    all_agree: Literal[True] | None = None
    reason: ExtensionReason | None = None

    def among(
        self, state: Custody, at: datetime, calendar: Calendar, offices: Offices
    ) -> Iterator[DomainEvent]:
        state.must_be(EXTEND, Stage.IN_HAND, Stage.MEDIATING)
        known = state.known(self.clock)
        rule = allowed(known.clock.terms) if known else None
        self._must_be_theirs(state, rule, offices)
        if known is None or rule is None or at > known.clock.due:
            raise RefusedError(
                "not-extendable",
                f"clock {self.clock!r} is not running, is over, or cannot be extended "
                "by its rule; end the matter, or pass it up",
                clock=self.clock,
            )
        self._must_be_approved(rule)
        _must_be_counting(known)
        yield self._extended(known, rule, calendar)

    def _must_be_theirs(
        self, state: Custody, rule: Allowed | None, offices: Offices
    ) -> None:
        who = rule.who if rule else PARTIES
        whose: str | None = state.holder
        if who == SUPERIOR:
            whose = offices.superior(state.holder)
        elif who == SENDER:
            whose = state.sender
        if not whose:
            raise RefusedError(
                "no-superior",
                f"the directory names no superior of {state.holder}, who alone may "
                f"extend clock {self.clock!r}; enter its parent there",
                clock=self.clock,
                body=state.holder,
            )
        if self.by != whose:
            raise NotYoursError(EXTEND, self.by, whose)

    def _must_be_approved(self, rule: Allowed) -> None:
        if rule.who == PARTIES and not self.all_agree:
            raise RefusedError(
                "not-all-agree",
                f"clock {self.clock!r} is extended when all parties agree; ask them, "
                "and say all_agree",
                clock=self.clock,
            )
        if rule.who != PARTIES and self.reason is None:
            raise RefusedError(
                "no-extension-reason",
                f"say why clock {self.clock!r} is extended: reason",
                clock=self.clock,
            )

    def _extended(
        self, known: RunningClock, rule: Allowed, calendar: Calendar
    ) -> ClockExtended:
        clock, by_parties = known.clock, rule.who == PARTIES
        unit = Unit.CALENDAR_DAYS if by_parties else clock.terms.period.unit
        if rule.most is not None:
            self._must_be_within(known, rule.most)
        later = longer(clock, clock.due, self.days, unit, calendar)
        first = calendar.deadline(clock.started_at, clock.terms.period).due
        if later.due > first + known.uncounted + LONGEST_EXTENSION:
            raise RefusedError(
                "too-long",
                f"cannot extend clock {self.clock!r} so far: in all it would be more "
                f"than {LONGEST_EXTENSION.days} days; end mediation, or pass it up",
                clock=self.clock,
                days=LONGEST_EXTENSION.days,
            )
        if by_parties:
            return ClockExtended(clock=later)
        return ClockExtended(clock=later, by=self.by, reason=self.reason)

    def _must_be_within(self, known: RunningClock, most: int) -> None:
        if known.extended:
            raise RefusedError(
                "extended-already",
                f"clock {self.clock!r} was extended already, and its rule allows that "
                "once; end the matter, or pass it up",
                clock=self.clock,
            )
        if self.days > most:
            raise RefusedError(
                "more-than-allowed",
                f"cannot extend clock {self.clock!r} by {self.days}: its rule allows "
                f"{most} at most; ask for no more",
                clock=self.clock,
                days=self.days,
                most=most,
            )


def _must_be_counting(known: RunningClock) -> None:
    if known.paused:
        raise RefusedError(
            "stands-still",
            f"clock {known.clock.name!r} stands still and cannot be extended "
            "meanwhile; resume it with resume_clock first",
            clock=known.clock.name,
        )
