"""What tests of intake share: a region, a Monday, a referral of a police station."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from services.intake.reading import Read, read_referral
from services.intake.referral import Ground, Referral
from services.intake.refusals import ReferralRefusedError
from shared.calendar import SHANGHAI
from shared.region import Region

REGION = Region.load("sample")
MONDAY = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
GROUND = Ground(REGION, MONDAY)
POLICE = "police-fengqiao"

SIDES = [
    {"side": "applicant", "name": "陈样安", "contact": "199-0000-0101"},
    {"side": "respondent", "name": "吴样平"},
]
REFERRAL: dict[str, Any] = {
    "sender": POLICE,
    "reference": "FQ-20260301-01",
    "kind": "neighbour",
    "place": "330681109201",
    "occurred_at": "2026-03-01T10:30:00+08:00",
    "narrative": "屋后排水沟淤塞，两户为清沟争吵。",
    "parties": SIDES,
}
INCIDENT: dict[str, Any] = {
    "接警编号": "FQ-20260301-01",
    "警情类别": "邻里纠纷",
    "发案时间": "2026-03-01 10:30",
    "发案地点代码": "330681109201",
    "简要案情": "屋后排水沟淤塞，两户为清沟争吵。",
    "报警人": "陈样安",
    "报警人电话": "199-0000-0101",
    "对方": "吴样平",
}


def body(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode()


def told(data: object, sender: str | None = None) -> Read:
    return read_referral(body(data), GROUND, sender=sender)


def referral(**changes: Any) -> Referral:
    found = told({**REFERRAL, **changes})
    assert isinstance(found, Referral)
    return found


def faults(data: object, sender: str | None = None) -> dict[str, str]:
    """The reason for each field for which a referral is refused; none if it is not."""
    raw = data if isinstance(data, bytes) else body(data)
    try:
        read_referral(raw, GROUND, sender=sender)
    except ReferralRefusedError as error:
        return {problem.field: problem.reason for problem in error.problems}
    return {}
