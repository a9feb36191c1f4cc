"""What explanations are made of, as data with words: Chinese first, English beside.

Nothing here speaks of persons: facts are of the dispute, its place and its course.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime

from services.routing.explaining.entailed import HandoffTerms, Linked
from services.routing.explaining.text import Text as Text
from shared.events.base import Value
from shared.events.escalation import HandReason
from shared.events.routing import FiredRow


class Seen(Text):
    """A fact that a table saw. With `decisive` the row that fired asks for it."""

    fact: str
    label: Text
    value: str | None
    decisive: bool = False


class Row(FiredRow):
    """A row that decided; without words if its pack is not at hand."""

    zh: str | None = None
    en: str | None = None


class TableWhy(Value):
    """One table of a decision (规则表): the rows that fired and what it saw."""

    table: str
    name: Text
    rows: tuple[Row, ...]
    seen: tuple[Seen, ...] = ()


class Step(Text):
    """A step by which a body was found or passed over (查找步骤)."""

    code: str


class HandDeed(StrEnum):
    """What was done about a decision of the rules, by people."""

    ASKED = "asked"  # a party asked that a person decides
    DECIDED = "decided"


class ByHand(Text):
    """A person decided instead of the rules, or a party asked for one (人工决定).

    `charged` is the row that counts as overridden. A wish has only `decider`, who is to
    look at it.
    """

    deed: HandDeed
    at: AwareDatetime
    by: str
    decider: str | None = None
    reason: HandReason | None = None
    to: str | None = None
    instead_of: str | None = None
    upheld: bool | None = None
    charged: Row | None = None


class Explanation(Text):
    """Why one decision came out as it did, and what people did about it (`by_hand`).

    `provisional` tells that a row or the handoff stands on law that could not be
    verified. Without `recomputed` its pack is not at hand, and only what was recorded
    is told.
    """

    code: str
    request: int
    decided_at: AwareDatetime
    reason: str
    action: str
    severity: str
    lead: str | None = None
    designator: str | None = None
    tables: tuple[TableWhy, ...]
    steps: tuple[Step, ...]
    handoff: HandoffTerms | None = None
    linkage: Linked | None = None
    versions: dict[str, str]
    provisional: bool
    recomputed: bool
    by_hand: tuple[ByHand, ...] = ()


class Beside(Value):
    """What the record of a decision does not tell: all its rows, and what it entails."""

    rows: tuple[Row, ...] = ()
    handoff: HandoffTerms | None = None
    linkage: Linked | None = None


class Standing(StrEnum):
    """How natural it is to think a fact otherwise."""

    OPEN = "open"  # it may be registered otherwise, or turn out so
    COURSE = "course"  # it is of the way that the dispute has gone
    FIXED = "fixed"  # it would be another dispute


class Change(Text):
    """One fact thought otherwise; with each of `values` it leads there.

    A range of numbers is told by `low` and `high`, both inside.
    """

    fact: str
    standing: Standing
    was: Text
    values: tuple[str | None, ...]
    low: str | None = None
    high: str | None = None


class Role(StrEnum):
    """What a body would do."""

    LEAD = "lead"
    DESIGNATOR = "designator"
    PROPOSED = "proposed"


class Way(Text):
    """One or two changes that lead to a body, and the rows that would then decide."""

    changes: tuple[Change, ...]
    body: str
    role: Role
    rows: tuple[Row, ...]


class Obstacle(Text):
    """What stands between the dispute as it is and the body (障碍), as a code."""

    code: str


class Outcome(StrEnum):
    """What came of the question why not."""

    ALREADY = "already"
    WAYS = "ways"
    NONE = "none"


class WhyNot(Text):
    """Why not that body or kind of body: the nearest changes that would lead there.

    `more` ways are not listed. With `complete` there is no other change of one or two
    facts; `present_directory` tells that the directory of then is not at hand.
    """

    code: str
    request: int
    target: str
    name: Text
    outcome: Outcome
    role: Role | None = None
    ways: tuple[Way, ...] = ()
    more: int = 0
    obstacles: tuple[Obstacle, ...] = ()
    complete: bool = True
    present_directory: bool = False
    versions: dict[str, str]
