"""What routing says: who should act, on what ground, by which rows of which versions."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from shared.events.base import DomainEvent, Value
from shared.events.clocks import ClockTerms
from shared.events.facts import Facts
from shared.events.vocabulary import HandoffKind, RouteReason, Tier


class Action(StrEnum):
    """What escalation is to do with the decision."""

    OFFER = "offer"
    DESIGNATE = "designate"  # a public body decides; `lead` is only proposed to it
    STAY = "stay"  # safety first: it stays where it is, a person decides
    LAW = "law"  # to the lawful channel: court, arbitration, organ (导入法治轨道)


class Severity(StrEnum):
    SIMPLE = "simple"
    GENERAL = "general"
    COMPLEX = "complex"
    MAJOR = "major"


class FiredRow(Value):
    """A row of a table that decided: its table, id, and the law it stands on."""

    table: str
    row: str
    legal_basis: str
    provisional: bool = False


class Asked(Value):
    """What routing was asked beside the facts, as its question had it.

    `tier` is the highest tier the dispute had reached, `not_taken` the kind of the offer
    that was declined or lapsed before. With this a decision can be made again.
    """

    holder: str
    tier: Tier | None = None
    declines: int = 0
    not_taken: HandoffKind | None = None
    passed_over: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()


class Routed(DomainEvent, name="dispute.routed"):
    """A routing decision: the `request`-th that escalation asked for on this dispute.

    `lead` acts (or is proposed to `designator`); `routes` are the lawful channels for
    action LAW. `steps` tell how bodies were found, as codes of the message files with
    their facts. `versions` maps tables and directory to the digests that decided.
    `asked` is missing in decisions of before it was recorded.
    """

    request: int
    reason: RouteReason
    action: Action
    severity: Severity
    lead: str | None = None
    tier: Tier | None = None
    designator: str | None = None
    co_handlers: tuple[str, ...] = ()
    kind: HandoffKind | None = None
    may_decline: bool = True
    dispatches: bool = False
    answer: ClockTerms | None = None
    clocks: tuple[ClockTerms, ...] = ()
    routes: tuple[str, ...] = ()
    rows: tuple[FiredRow, ...]
    steps: tuple[tuple[str, ...], ...] = ()
    facts: Facts
    versions: dict[str, str]
    asked: Asked | None = None


class BodyAsleep(DomainEvent, name="body.asleep"):
    """Nobody could answer at a body on that day, so the search passed it over.

    `to` is alarmed: whoever set the body up, or the nearest public body around it.
    """

    request: int
    body: str
    day: date
    to: str | None = None
