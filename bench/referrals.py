"""Referrals as police stations, petition offices and courts send them, made from a seed.

All names are invented. Each is of a kind that the sample region offers to a body at
once, so that every one must come out at the other end as an offer.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import to_json

from shared.events.vocabulary import dispute_id

SENDERS = (  # topic, sender, places, weight
    ("referrals.police", "police-fengqiao", ("330681109201", "330681109202"), 5),
    ("referrals.police", "police-manas", ("652324100", "652324100201"), 2),
    ("referrals.petition", "petition-zhuji", ("330681109201", "330681109"), 1),
    ("referrals.petition", "petition-fengqiao", ("330681109202", "330681109"), 1),
    ("referrals.court", "court-zhuji", ("330681109201", "330681109202"), 1),
)
KINDS = ("neighbour", "contract", "damage_compensation", "house_homestead")
SURNAMES, GIVEN = "陈吴何沈骆俞楼周郑丁邵魏", "样例测试平安和顺春秋山川"
STORIES = (
    "屋后排水沟淤塞，雨水倒灌进院，两户为由谁清沟发生争吵，未动手，经劝说后各自回家。",
    "去年借出三万五千元，约定年前归还，上门催要时发生口角，双方都愿意坐下来谈一谈。",
    "装修时打穿共用墙体，邻居墙面开裂，双方对修缮费用由谁负担、修到什么程度意见不一。",
    "宅基地边界的界石被移动，两家各执一词，希望请人到现场丈量并主持公道，以免再生争执。",
)


class Referral(NamedTuple):
    """A referral on its way: where it goes, its bytes, and the dispute it will open."""

    topic: str
    sender: str
    reference: str
    body: bytes
    dispute: UUID

    @property
    def headers(self) -> list[tuple[str, bytes]]:
        return [("ce_source", f"/{self.sender}".encode())]


def referrals(
    run: str, count: int, only: tuple[str, str] | None = None
) -> Iterator[Referral]:
    """So many referrals, or only those of one sender and kind; a run's are the same."""
    draw = random.Random(run)
    senders = [row for row in SENDERS if only is None or row[1] == only[0]]
    kinds = KINDS if only is None else (only[1],)
    weights = [row[3] for row in senders]
    for number in range(count):
        topic, sender, places, _ = draw.choices(senders, weights)[0]
        reference = f"{run}-{number}"
        told = _told(draw, sender, reference, draw.choice(places), draw.choice(kinds))
        yield Referral(
            topic, sender, reference, to_json(told), dispute_id(sender, reference)
        )


def _told(
    draw: random.Random, sender: str, reference: str, place: str, kind: str
) -> dict[str, Any]:
    return {
        "sender": sender,
        "reference": reference,
        "kind": kind,
        "place": place,
        "occurred_at": f"2026-03-{draw.randint(1, 28):02}T10:30:00+08:00",
        "narrative": draw.choice(STORIES),
        "parties": [_party(draw, side) for side in ("applicant", "respondent")],
    }


def _party(draw: random.Random, side: str) -> dict[str, Any]:
    name = draw.choice(SURNAMES) + "".join(draw.choices(GIVEN, k=2))
    contact = f"199-0000-{draw.randint(0, 9999):04}"
    return {"side": side, "name": name, "contact": contact, "willing": True}
