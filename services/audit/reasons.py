"""What routing adds to its decisions in a story, and why not another body. Pure.

Audit hears decisions and makes none again: whoever can is handed in as `Reasons`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol

from services.audit.steps import Ask, Beside, Ground, Step, Told, Why
from services.audit.wording import Words
from shared.events.routing import Routed

ANY_BODY = "BODY"


class Reasons(Protocol):
    """What can be asked about a decision, by what was heard of it."""

    def beside(self, routed: Routed, at: datetime) -> Beside:
        """Without any search; empty where the rules of then are not at hand."""

    def why_not(
        self, code: str, routed: Routed, at: datetime, target: str
    ) -> Told | None:
        """Why not that body or kind of body. Raises `RefusedError`."""


class _NoReasons:
    """Where nobody is at hand who could make a decision again: nothing is added."""

    def beside(self, routed: Routed, at: datetime) -> Beside:
        return Beside()

    def why_not(self, code: str, routed: Routed, at: datetime, target: str) -> None:
        return None


NO_REASONS: Reasons = _NoReasons()


def explained(
    steps: Iterable[Step], code: str, reasons: Reasons, words: Words, target: str | None
) -> Iterator[Step]:
    """The same steps, with what routing adds to its decisions; with `target` also why
    each of them did not go there, else where to ask that.
    """
    for step in steps:
        if not isinstance(routed := step.event, Routed):
            yield step
            continue
        found = reasons.beside(routed, step.occurred_at)
        added: dict[str, object] = {
            "rows": _rows(step.why, found.rows),
            "handoff": found.handoff,
            "linkage": found.linkage,
        }
        if target:
            told = reasons.why_not(code, routed, step.occurred_at, target)
            added["why_not"] = told
        elif routed.lead and found.rows:
            added["ask"] = _ask(code, words)
        yield step.model_copy(update={"why": step.why.model_copy(update=added)})


def _rows(why: Why, every: tuple[Ground, ...]) -> tuple[Ground, ...]:
    """All that fired, those that were recorded as the story words them."""
    known = {(row.table, row.row): row for row in why.rows}
    return tuple(known.get((row.table, row.row), row) for row in every) or why.rows


def _ask(code: str, words: Words) -> Ask:
    said = words.phrase("ask", code=code)
    return Ask(**dict(said), link=f"/disputes/{code}/story?why_not={ANY_BODY}")
