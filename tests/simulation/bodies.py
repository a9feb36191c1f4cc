"""What bodies ask of a dispute: mostly what fits where it stands, sometimes anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.escalation.domain import Custody, Stage
from tests.simulation.choices import Choices

Told = Mapping[str, Any]

TAKE: Told = {"command": "accept"}
REFUSE: Told = {"command": "decline", "reason": "lacks_capacity"}
ALL_WILLING: Told = {"command": "record_consent", "party": 0, "willing": True}
START: Told = {"command": "start_mediation", "rights_notice": True}
PASS_UP: Told = {"command": "pass_up"}
ASK: Told = {"command": "ask_route"}
LAW: Told = {"command": "choose_law", "party": 1}
LONGER: Told = {
    "command": "extend_clock",
    "clock": "mediation",
    "days": 10,
    "all_agree": True,
}
PAUSE: Told = {"command": "pause_clock", "clock": "mediation", "reason": "appraisal"}
RESUME: Told = {"command": "resume_clock", "clock": "mediation"}
REPLY: Told = {"command": "record_reply", "way": "letter"}
CLOSE: Told = {"command": "close"}
REOPEN: Told = {"command": "reopen", "reason": "relapse"}
RECALL: Told = {"command": "recall", "reason": "changed"}
AGREED: Told = {"command": "record_outcome", "result": "agreed_written"}
NEXT_TIER: Told = {
    "command": "record_outcome",
    "result": "terminated",
    "end_reason": "no_agreement",
    "next_tier": True,
}
DESIGNATE: Told = {"command": "designate", "to": "pmc-fengqiao"}

FITTING: Mapping[Stage, Sequence[Told]] = {
    Stage.OFFERED: (TAKE, TAKE, TAKE, REFUSE, REFUSE, RECALL, LAW),
    Stage.DESIGNATING: (DESIGNATE, DESIGNATE, LAW),
    Stage.IN_HAND: (
        *(ALL_WILLING, START, START, PASS_UP, NEXT_TIER, LONGER, ASK, LAW),
        *(PAUSE, RESUME),
    ),
    Stage.MEDIATING: (AGREED, AGREED, NEXT_TIER, PASS_UP, LONGER, LAW, PAUSE, RESUME),
    Stage.RESOLVED: (REPLY, CLOSE),
    Stage.LED_TO_LAW: (REPLY, CLOSE),
    Stage.CLOSED: (REOPEN,),
    Stage.KEPT: (ASK, NEXT_TIER),
    Stage.HELD: (ASK,),
}
ANYTHING = (TAKE, REFUSE, RECALL, START, PASS_UP, AGREED, LAW, CLOSE, REOPEN, DESIGNATE)
BODIES = ("police-fengqiao", "pmc-fengqiao", "pmc-village-fengxi", "justice-zhuji")


def command(state: Custody, choices: Choices, number: int) -> dict[str, Any]:
    """What some body asks now, under an id of its own."""
    fits = not choices.one_in(5)
    told = choices.one_of(FITTING.get(state.stage, ANYTHING) if fits else ANYTHING)
    by = _whose(state) if fits else choices.one_of(BODIES)
    return {**told, "command_id": f"c{number}", "by": by, "person": "officer-1"}


def _whose(state: Custody) -> str:
    if state.stage is Stage.DESIGNATING and state.designator:
        return state.designator
    if state.stage is Stage.OFFERED and state.offer:
        return state.offer.to
    return state.holder or BODIES[0]
