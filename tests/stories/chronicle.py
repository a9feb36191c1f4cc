"""Everything that a world knows at the end, without what chance decided.

Chance decides keys and nonces, digests made with keys, where a message lay, and in which
order notifications heard those that it hears. All else must be the same everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from services.audit.custody import Custody
from services.audit.replay import told
from services.notifications.views import NoticeRow, notices_of
from shared.events.audit import EventHeard
from shared.events.base import DomainEvent
from shared.events.notifications import NoticeSent
from tests.stories.world import Posted, World

PAGE = 500


class Chronicle(NamedTuple):
    """What is to be equal, by the sender's reference; and what audit heard."""

    rows: dict[str, dict[str, Any]]
    stories: dict[str, list[dict[str, Any]]]
    notices: dict[str, dict[str, NoticeRow]]
    letters: list[Posted]
    parked: list[str]
    heard: dict[str, list[EventHeard]]

    @property
    def sent(self) -> list[tuple[str, str]]:
        """Notice and channel of every sending that is recorded."""
        return [
            (str(each.event.notice), each.event.channel)
            for events in self.heard.values()
            for each in events
            if isinstance(each.event, NoticeSent)
        ]


class Hand(NamedTuple):
    """How custody stood before and after something that was recorded at once."""

    before: Custody
    events: list[DomainEvent]
    after: Custody


def chronicle(world: World, prefix: str = "") -> Chronicle:
    """What a world knows of the disputes whose references begin so."""
    rows = dict(_ledger(world, prefix))
    notices = {ref: _notices(world, row["dispute"]) for ref, row in rows.items()}
    known = {notice for of_one in notices.values() for notice in of_one}
    return Chronicle(
        rows=rows,
        stories={ref: _story(world, row["code"]) for ref, row in rows.items()},
        notices=notices,
        letters=[letter for letter in world.letters() if letter.notice in known],
        parked=[each for each in _parked(world) if prefix in each],
        heard={ref: _heard(world, row["dispute"]) for ref, row in rows.items()},
    )


def _ledger(world: World, prefix: str) -> Iterator[tuple[str, dict[str, Any]]]:
    page = world.get("audit", "/disputes", limit=PAGE)
    assert page["next"] is None
    for row in filter(itemgetter("code"), page["rows"]):
        reference = world.house.intake.receipt(row["code"]).reference
        if reference.startswith(prefix):
            yield reference, row


def _heard(world: World, dispute: str) -> list[EventHeard]:
    return list(told(world.house.audit.history(UUID(dispute))))


def _notices(world: World, dispute: str) -> dict[str, NoticeRow]:
    """Every notice of a dispute by its id, and how it stands."""
    found = notices_of(world.house.database, UUID(dispute))
    return {str(row.notice): row for row in found}


def _story(world: World, code: str) -> list[dict[str, Any]]:
    """Steps in their order, and after them the notices in an order of our own."""
    steps = world.get("audit", f"/disputes/{code}/story")["steps"]
    others = [_step(step) for step in steps if not _is_notice(step)]
    notices = [_step(step) for step in steps if _is_notice(step)]
    for step in notices:
        del step["place"]
    return [*others, *sorted(notices, key=lambda s: json.dumps(s, sort_keys=True))]


def _is_notice(step: Mapping[str, Any]) -> bool:
    return str(step["name"]).startswith("notice.")


def _step(step: Mapping[str, Any]) -> dict[str, Any]:
    """Its number, and that of its cause, depend on the order of the notices."""
    why = {**step["why"], "cause": _cause(step["why"]["cause"])}
    del why["step"]
    kept = {name: value for name, value in step.items() if name != "number"}
    return {**kept, "why": why, "data": _data(step["data"])}


def _cause(cause: str) -> str:
    """A registration is named by a keyed digest of its content."""
    return cause.partition("/")[0] if cause.startswith("register/") else cause


def _data(data: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(data)
    if "fingerprint" in found:
        found["fingerprint"] = sorted(found["fingerprint"])
    return found


def _parked(world: World) -> list[str]:
    return sorted(
        json.dumps(
            {
                "at": name,
                "topic": message.came_from.partition("/")[0],
                "body": message.body.decode("utf-8", "replace"),
                "headers": message.headers,
                "reason": message.reason,
                "behind": message.behind,
                "released_by": message.released_by,
            }
        )
        for name, inbox in world.house.inboxes().items()
        for message in inbox.parked(released=True)
    )


def hands(events: Iterable[EventHeard]) -> Iterator[Hand]:
    """What escalation did to custody, one command or reaction after another."""
    said = sorted(
        (each for each in events if each.speaker == "escalation"),
        key=lambda each: each.version,
    )
    custody = Custody()
    for _, at_once in groupby(said, key=lambda each: each.cause):
        before, done = custody, []
        for each in at_once:
            assert each.event
            custody = custody.after(each.event, each.recorded_at)
            done.append(each.event)
        yield Hand(before, done, custody)
