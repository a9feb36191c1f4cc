"""The bodies of the sample region that play in stories, and what is brought to them.

All names of persons are invented.
"""

from __future__ import annotations

from typing import Any

POLICE, PETITION, COURT = "police-fengqiao", "petition-fengqiao", "court-zhuji"
VILLAGE, OTHER_VILLAGE = "pmc-village-fengxi", "pmc-village-fengdong"
TOWN, COUNTY, CENTRE = "pmc-fengqiao", "pmc-zhuji", "centre-zhuji"
JUSTICE = "justice-zhuji"
PROCURATORATE, GUIDANCE = "procuratorate-manas", "guidance-manas"
ROOM, CONSUMERS = "room-court-manas", "consumer-manas"

FENGXI, FENGDONG, FENGQIAO = "330681109201", "330681109202", "330681109"
MANAS = "652324100"

TWO_NEIGHBOURS = [
    {"side": "applicant", "name": "样例甲", "contact": "000-0001"},
    {"side": "respondent", "name": "样例乙", "contact": "000-0002"},
]
NEIGHBOURS: dict[str, Any] = {
    "kind": "neighbour",
    "place": FENGXI,
    "narrative": "样例甲称样例乙改建排水沟，雨水流入其院内，双方多次争执。",
    "parties": TWO_NEIGHBOURS,
}
CONTRACT: dict[str, Any] = {
    "kind": "contract",
    "place": FENGQIAO,
    "narrative": "样例甲起诉称样例乙拖欠货款，愿意先行调解。",
    "parties": TWO_NEIGHBOURS,
    "amount": 48000,
}
FAMILY: dict[str, Any] = {
    "kind": "marriage_family",
    "place": FENGXI,
    "narrative": "报警人称遭共同生活的对方殴打。",
    "parties": TWO_NEIGHBOURS,
    "flags": ["domestic_violence"],
}
GYM: dict[str, Any] = {
    "kind": "consumer_other",
    "place": MANAS,
    "narrative": "健身中心停业，拒绝退还会员预付卡余额，消费者协会调解未果。",
    "parties": [
        *({"side": "applicant", "name": f"会员{n}"} for n in range(1, 121)),
        {"side": "respondent", "name": "样例文体中心", "organisation": True},
    ],
    "amount": {"yuan": "60000", "exactness": "at_least"},
    "prior_failed": [CONSUMERS],
}
