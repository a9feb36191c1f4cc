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


class Pause(StrEnum):
    """Time that is not counted (不计入期限)."""

    APPRAISAL = "appraisal"  # 鉴定、检验
    HEARING = "hearing"  # 听证
    SUPPLEMENT = "supplement"  # 补正材料
    FINDING_SUPERIOR = "finding_superior"  # 协商管辖


class ClockTerms(Value):
    """A limit as a rule states it.

    `legal_basis` names law and article, or says "design default". `provisional` is true
    where the law could not be verified. `pauses` is why it may stand still, `extension`
    who may make it longer and by how much at most, such as `head+30`. Terms without
    `pauses` were recorded before rules told either, or are of no rule.
    """

    name: str
    period: Period
    on_breach: OnBreach
    legal_basis: str
    provisional: bool = False
    pauses: tuple[Pause, ...] | None = None
    extension: str | None = None


class Clock(Value):
    """A running limit.

    `due` is the last instant in time; `provisional` is true if the law is unverified or
    the rest days of a year it touches are not published yet. `counted_to` is where its
    days end, rest day or not, once it was made longer or stood still.
    """

    name: str
    terms: ClockTerms
    started_at: AwareDatetime
    due: AwareDatetime
    provisional: bool
    calendar: str
    counted_to: AwareDatetime | None = None
