"""Messages that outside bodies read: receipts and letters, as they lie on topics."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, Field

from services.notifications.messages import Text, messages
from services.notifications.policy import ALWAYS
from services.notifications.table import PARTIES, notice_table
from shared.events.base import Value

RECEIPTS = "receipts"


class Letter(Value):
    """A notice for the system of another body: facts to act on, a text for people."""

    notice: UUID = Field(description="The name of this notice, however often it comes.")
    dispute: UUID
    to: str = Field(description="The body it is for.")
    template: str
    facts: dict[str, str]
    subject: str
    text: str = Field(description="Chinese and then English; no personal data.")
    queued_at: AwareDatetime


def templates_of(family: str) -> list[str]:
    """The templates that go to topics of a family, `receipts` or `handoffs`."""
    known = messages().template
    told = {row.template for row in notice_table().rows if row.to != PARTIES}
    return sorted(t for t in told if known[t].receipt == (family == RECEIPTS))


def subject_of(template: str) -> Text:
    return messages().template[template].subject


def facts_of(template: str) -> list[str]:
    """The facts that a letter of this template may carry."""
    rows = [row for row in notice_table().rows if row.template == template]
    return sorted({*ALWAYS, *(name for row in rows for name in row.facts)})


def letter_schema(template: str, letter: dict[str, Any]) -> dict[str, Any]:
    """The schema of one template's letters, on top of that of all letters."""
    facts = {name: {"type": "string"} for name in facts_of(template)}
    own = {
        "template": {"const": template},
        "facts": {"type": "object", "properties": facts},
    }
    return {"allOf": [letter, {"type": "object", "properties": own}]}
