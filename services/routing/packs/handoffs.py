"""The handoff matrix of a pack (`handoffs.csv`): what each way of handing on entails."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from shared.events.base import Value
from shared.events.vocabulary import HandoffKind
from shared.region_files import Folder, Line, read_csv

HANDOFFS = "handoffs.csv"
COLUMNS = (
    *("kind", "zh", "en", "from", "to", "consent", "may_decline", "responsible"),
    *("origin_clock", "feedback", "onward", "legal_basis", "provisional"),
)
_NAMES = {"origin": "from", "target": "to"}
Words = Annotated[str, Field(min_length=1)]


class OtherWay(StrEnum):
    """Ways of the matrix by which software does not hand a dispute on."""

    INFORM_TO_APPLY = "inform_to_apply"
    MARKET_ENTRUSTED = "market_entrusted"
    INVITATION = "invitation"
    CHANNEL_TO_LAW = "channel_to_law"
    POLICE_UNIT_TRANSFER = "police_unit_transfer"


class Consent(StrEnum):
    """Whose agreement the handoff needs before mediation begins."""

    NONE = "none"
    PARTY = "party"
    PARTIES = "parties"
    PARTIES_AND_RECEIVER = "parties_and_receiver"


class Responsible(StrEnum):
    """Who answers for the dispute after it was handed on."""

    SENDER = "sender"
    SENDER_UNTIL_ACCEPTED = "sender_until_accepted"
    RECEIVER = "receiver"
    NOBODY = "nobody"


class OriginClock(StrEnum):
    """What becomes of the sender's own limit."""

    RUNS = "runs"
    CLOSES = "closes"
    NEW = "new"
    NOT_STARTED = "not_started"


class MayDecline(StrEnum):
    """Whether the receiver may give it back."""

    YES = "yes"
    ONCE = "once"
    OBJECTION = "objection"
    NO = "no"
    UNSAID = "unsaid"


class Onward(StrEnum):
    """Whether the receiver may hand it on."""

    YES = "yes"
    UP = "up"
    WITHIN = "within"
    WITH_CONSENT = "with_consent"
    NO = "no"


class HandoffRule(Value):
    """A row of the matrix. `origin` and `target` are the columns `from` and `to`, in
    words; `feedback` is what the sender is told.
    """

    kind: HandoffKind | OtherWay
    zh: Words
    en: Words
    origin: Words
    target: Words
    consent: Consent
    may_decline: MayDecline
    responsible: Responsible
    origin_clock: OriginClock
    feedback: Words
    onward: Onward
    legal_basis: Words
    provisional: bool = False


def read_handoffs(folder: Folder) -> dict[str, HandoffRule]:
    """The rows by kind of handoff. Raises `RegionRefusedError` with the row."""
    handoffs: dict[str, HandoffRule] = {}
    for line in read_csv(folder, HANDOFFS, COLUMNS):
        rule = _rule(line)
        if rule.kind in handoffs:
            reason, name = f"{rule.kind} stands there twice", str(rule.kind)
            raise line.refuse(reason, "keep one row", "key-twice", "kind", name=name)
        handoffs[rule.kind] = rule
    return handoffs


def _rule(line: Line) -> HandoffRule:
    cells = dict(line.cells)
    marked = cells.pop("provisional", "")
    if marked not in ("", "yes"):
        reason, remedy = f"provisional {marked!r} is no mark", "write yes, or nothing"
        raise line.refuse(reason, remedy, "value-mark", "provisional", given=marked)
    named = {"origin": cells.pop("from", ""), "target": cells.pop("to", "")}
    plain = line._replace(cells=cells)
    return plain.as_a(HandoffRule, _NAMES, **named, provisional=marked == "yes")
