"""Clocks (期限) as events carry them: terms of law, and the instant they work out to."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime

from shared.calendar import Period
from shared.events.base import Value


class OnBreach(StrEnum):
    """What a clock does when its time has come. A breach never blocks a party."""

    LAPSE = "lapse"  # the unanswered offer lapses and routing is asked again
    ESCALATE = "escalate"  # routing is asked for the next tier
    SUPERVISE = "supervise"  # a supervision order is issued and the clock starts anew


class ClockTerms(Value):
    """A limit as a rule states it.

    `legal_basis` names law and article, or says "design default". `provisional` is true
    where the law could not be verified.
    """

    name: str
    period: Period
    on_breach: OnBreach
    legal_basis: str
    provisional: bool = False


class Clock(Value):
    """A running limit.

    `due` is the last instant in time; `provisional` is true if the law is unverified or
    the rest days of a year it touches are not published yet.
    """

    name: str
    terms: ClockTerms
    started_at: AwareDatetime
    due: AwareDatetime
    provisional: bool
    calendar: str
