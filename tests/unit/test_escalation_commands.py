"""Commands and answers as JSON: every one can be told, and what cannot is explained."""

from __future__ import annotations

import json

import pytest

from services.escalation.answers import read_answer
from services.escalation.command import Command, OfficeCommand
from services.escalation.service import read_command
from services.problems import problem
from shared.events.errors import MalformedMessageError, RefusedError
from shared.events.escalation import HandReason
from shared.events.vocabulary import DeclineReason
from tests.unit.custody_scenarios import (
    CALENDAR,
    CODE,
    MONDAY,
    OFFICES,
    VILLAGE,
    registered,
)

TOLD = [
    {"command": "accept", "mediators": 2},
    {"command": "decline", "reason": "out_of_area"},
    {"command": "recall", "reason": "crime_suspected"},
    {"command": "ask_route"},
    {"command": "pass_up"},
    {"command": "designate", "to": "pmc-fengqiao"},
    {"command": "record_consent", "party": 0, "willing": True},
    {"command": "start_mediation", "rights_notice": True},
    {"command": "record_outcome", "result": "agreed_oral", "amount": {"yuan": "12.50"}},
    {"command": "choose_law", "party": 1},
    {"command": "extend_clock", "clock": "mediation", "days": 30, "all_agree": True},
    {"command": "extend_clock", "clock": "handling", "days": 9, "reason": "complex"},
    {"command": "pause_clock", "clock": "mediation", "reason": "appraisal"},
    {"command": "resume_clock", "clock": "mediation"},
    {"command": "record_reply", "way": "in_person"},
    {"command": "close"},
    {"command": "reopen", "reason": "relapse"},
    {"command": "decide_by_hand", "to": "pmc-fengqiao", "reason": "wrong_row"},
    {"command": "ask_for_human", "party": 1},
]


def told(**more: object) -> bytes:
    return json.dumps({"command_id": "c-1", "by": VILLAGE, **more}).encode()


@pytest.mark.parametrize("told_of", TOLD, ids=lambda each: each["command"])
def test_every_command_can_be_told_as_json(told_of):
    command = read_command(told(**told_of))
    answer = read_answer(
        json.dumps({"code": CODE, "command": json.loads(told(**told_of))}).encode()
    )

    assert (command.command, command.by) == (told_of["command"], VILLAGE)
    assert (answer.code, answer.command) == (CODE, command)


def test_no_command_is_forgotten_here():
    forms = (Command, OfficeCommand)
    kinds = {kind for form in forms for kind in form.__subclasses__()} - {*forms}
    assert {each["command"] for each in TOLD} == {
        kind.model_fields["command"].default for kind in kinds
    }


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "the whole"),
        (b"{", "the whole"),
        (b"\xff\xfe", "the whole"),
        (b"[" * 5000, "the whole"),
        (b"null", "the whole"),
        (told(), "the whole"),
        (told(command="shout"), "the whole"),
        (told(command="accept", by=""), "accept.by"),
        (told(command="accept", by="two words"), "accept.by"),
        (told(command="accept", command_id="x" * 81), "accept.command_id"),
        (told(command="accept", mediators=0), "accept.mediators"),
        (told(command="accept", mediator=2), "accept.mediator"),
        (told(command="accept", occurred_at="2026-03-02T09:00:00"), "occurred_at"),
        (
            told(command="accept", occurred_at="0001-01-01T00:00:00+14:00"),
            "occurred_at",
        ),
        (told(command="decline"), "decline.reason"),
        (told(command="decline", reason="no_wish"), "decline.reason"),
        (told(command="choose_law", party=0), "choose_law.party"),
        (told(command="extend_clock", clock="x", days=181, all_agree=True), "days"),
        (told(command="extend_clock", clock="x", days=9, reason="no"), "reason"),
        (told(command="pause_clock", clock="x", reason="lunch"), "pause_clock.reason"),
        (told(command="resume_clock"), "resume_clock.clock"),
        (
            told(command="record_outcome", result="agreed_oral", amount={"yuan": -1}),
            "record_outcome.amount",
        ),
        (
            told(
                command="record_outcome", result="agreed_oral", amount={"yuan": "1e30"}
            ),
            "record_outcome.amount",
        ),
        (
            told(
                command="record_outcome", result="agreed_oral", amount={"yuan": 0.001}
            ),
            "record_outcome.amount",
        ),
        (told(command="record_reply", way="not_at_all"), "record_reply.way"),
    ],
)
def test_what_cannot_be_read_is_explained_by_field(body, field):
    with pytest.raises(
        MalformedMessageError, match="not a command: look at"
    ) as refused:
        read_command(body)

    assert field in str(refused.value)


def test_an_explanation_never_repeats_what_was_sent():
    with pytest.raises(MalformedMessageError) as refused:
        read_command(told(command="decline", reason="因为赵小满不同意"))

    assert "赵小满" not in str(refused.value)
    allowed = " | ".join(DeclineReason)
    assert refused.value.facts == {"fields": f"decline.reason ({allowed})"}


def test_a_reason_that_is_none_is_answered_with_those_there_are():
    with pytest.raises(MalformedMessageError) as refused:
        read_command(
            told(command="decide_by_hand", to="pmc-fengqiao", reason="because")
        )

    detail = problem(refused.value)["detail"]
    assert f"decide_by_hand.reason ({' | '.join(HandReason)})" in detail
    assert "because" not in detail


def test_an_explanation_stays_short_whatever_was_sent():
    many = {f"{'x' * 900}{n}": n for n in range(500)}

    with pytest.raises(MalformedMessageError) as refused:
        read_command(told(command="close", **many))

    assert len(str(refused.value)) < 1000


@pytest.mark.parametrize("body", [None, b""])
def test_an_answer_without_body_is_a_tombstone(body):
    with pytest.raises(MalformedMessageError, match="tombstone"):
        read_answer(body)


@pytest.mark.parametrize(
    "body",
    [
        told(command="close"),
        json.dumps({"code": "", "command": json.loads(told(command="close"))}).encode(),
        json.dumps({"code": "x" * 81, "command": {}}).encode(),
    ],
)
def test_an_answer_names_its_dispute(body):
    with pytest.raises(
        MalformedMessageError, match=r"not a proper answer: look at .*code"
    ):
        read_answer(body)


def test_the_mere_form_of_a_command_does_nothing():
    with pytest.raises(RefusedError, match="only the form"):
        Command(command_id="c", by=VILLAGE).on(registered().state, MONDAY, CALENDAR)
    with pytest.raises(RefusedError, match="only the form"):
        OfficeCommand(command_id="c", by=VILLAGE).among(
            registered().state, MONDAY, CALENDAR, OFFICES
        )
