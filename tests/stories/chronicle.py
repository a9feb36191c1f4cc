"""Everything that a world knows at the end, without what chance decided.

Chance decides keys and nonces, digests made with keys, where a message lay, and in which
order notifications heard those that it hears. All else must be the same everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any, NamedTuple

from services.audit.custody import Custody
from services.audit.replay import told
from services.notifications.views import notices_of
from shared.events.audit import EventHeard
from shared.events.notifications import NoticeSent
from tests.stories.world import Posted, World

NOTICES = "notice."
PAGE = 500


class Chronicle(NamedTuple):
    """What is to be equal, by dispute code; and what audit heard, to be examined."""

    rows: dict[str, dict[str, Any]]
    stories: dict[str, list[dict[str, Any]]]
    notices: dict[str, list[str]]
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


def chronicle(world: World) -> Chronicle:
    rows = {row["code"]: row for row in _ledger(world)}
    disputes = {code: row["dispute"] for code, row in rows.items()}
    database, audit = world.house.database, world.house.audit
    return Chronicle(
        rows=rows,
        stories={code: _story(world, code) for code in rows},
        notices={c: sorted(map(str, notices_of(database, d))) for c, d in disputes.items()},
        letters=world.letters(),
        parked=_parked(world),
        heard={code: list(told(audit.history(d))) for code, d in disputes.items()},
    )


def _ledger(world: World) -> list[dict[str, Any]]:
    page = world.get("audit", "/disputes", limit=PAGE)
    assert page["next"] is None
    return [row for row in page["rows"] if row["code"]]


def _story(world: World, code: str) -> list[dict[str, Any]]:
    """Steps in their order, and after them the notices in an order of our own."""
    steps = world.get("audit", f"/disputes/{code}/story")["steps"]
    notices = [step for step in steps if step["name"].startswith(NOTICES)]
    others = [step for step in steps if not step["name"].startswith(NOTICES)]
    told = [_step(step, numbered=False) for step in notices]
    return [*map(_step, others), *sorted(told, key=json.dumps)]


def _step(step: Mapping[str, Any], numbered: bool = True) -> dict[str, Any]:
    why = {**step["why"], "cause": _cause(step["why"]["cause"])}
    del why["step"]
    place = {"place": step["place"]} if numbered else {}
    kept = {name: step[name] for name in step.keys() - {"number", "place"}}
    return {**place, **kept, "why": why, "data": _data(step["data"])}


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


def hands(events: Iterable[EventHeard]) -> list[Custody]:
    """How custody stood after each thing that escalation recorded at once."""
    said = sorted(
        (each for each in events if each.speaker == "escalation"),
        key=lambda each: each.version,
    )
    custody, found = Custody(), []
    for _, at_once in groupby(said, key=lambda each: each.cause):
        for each in at_once:
            assert each.event
            custody = custody.after(each.event, each.recorded_at)
        found.append(custody)
    return found
