"""The ledger, a state and a story as JSON values: codes, and words beside them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.audit.about import about
from services.audit.domain import Dispute
from services.audit.messages import Text
from services.audit.steps import Story
from services.audit.views import Held, Page, Row
from services.audit.wording import Words


def ledger_json(page: Page, words: Words) -> dict[str, Any]:
    following = str(page.next) if page.next else None
    return {"rows": [row_json(row, words) for row in page.rows], "next": following}


def row_json(row: Row, words: Words) -> dict[str, Any]:
    return about(row, words).model_dump(mode="json")


def held_json(held: list[Held], words: Words) -> list[dict[str, Any]]:
    return [
        {**each._asdict(), "words": _dumped({"holder": _body(each.holder, words)})}
        for each in held
    ]


def story_json(story: Story) -> dict[str, Any]:
    return story.model_dump(mode="json")


def state_json(
    dispute: Dispute,
    words: Words,
    at: datetime | None = None,
    known_at: datetime | None = None,
) -> dict[str, Any]:
    """All that a state says; `at` and `known_at` repeat the question."""
    custody, facts = dispute.custody, dispute.facts
    told = {
        "at": at and at.isoformat(),
        "known_at": known_at and known_at.isoformat(),
        "code": dispute.code,
        "stage": dispute.stage,
        "holder": dispute.holder,
        "offered_to": custody.offered_to,
        "designator": custody.designator,
        "tier": custody.tier,
        "parties": dispute.parties,
        "facts": facts and facts.model_dump(mode="json"),
        "clocks": [clock.model_dump(mode="json") for clock in dispute.clocks],
        "paused": [pause.model_dump(mode="json") for pause in custody.paused],
        "outcome": custody.outcome and custody.outcome.model_dump(mode="json"),
        "decision": dispute.decision and dispute.decision.model_dump(mode="json"),
        "replied": custody.replied,
        "breaches": custody.breaches,
        "orders": custody.orders,
        "notices": dispute.notices.model_dump(),
        "parked": len(dispute.waiting),
        "unread": dispute.unread,
    }
    times = {
        "arose_at": dispute.entry.arose_at,
        "registered_at": dispute.registered_at,
        "closed_at": custody.closed_at,
        "updated_at": dispute.updated_at,
    }
    named = {
        "stage": words.word("stage", dispute.stage),
        "holder": _body(dispute.holder, words),
        "offered_to": _body(custody.offered_to, words),
        "kind": facts and words.names.kind(facts.kind),
        "place": facts and words.names.place(facts.place),
    }
    stamps = {name: time and time.isoformat() for name, time in times.items()}
    return {**told, **stamps, "words": _dumped(named)}


def _body(id: str | None, words: Words) -> Text | None:
    return words.body(id) if id else None


def _dumped(named: dict[str, Any]) -> dict[str, Any]:
    return {name: text.model_dump() for name, text in named.items() if text}
