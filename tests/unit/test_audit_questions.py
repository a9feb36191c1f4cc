"""What may be asked of audit, and what it keeps of what it is told."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from pydantic_core import to_json

from services.audit.policy import heard
from services.audit.questions import BadQuestionError, Question, Reader, moment, read
from services.audit.views import Asked
from shared.calendar import SHANGHAI
from shared.events import wire
from shared.events.errors import MalformedMessageError
from tests.unit import audit_histories as told

NINE = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-03-02 09:00", NINE),
        ("2026-03-02T09:00+08:00", NINE),
        ("2026-03-02T01:00:00Z", NINE.astimezone(UTC)),
        ("2026-03-02", datetime(2026, 3, 2, 23, 59, 59, 999999, SHANGHAI)),
    ],
)
def test_a_time_without_offset_is_beijing_time_and_a_day_means_its_end(written, meant):
    assert moment(written) == meant


@pytest.mark.parametrize(
    ("wanted", "parameters", "field"),
    [
        (Question, {"at": "yesterday"}, "at"),
        (Question, {"known_at": "2026-02-30"}, "known_at"),
        (Question, {"at": "0001-01-01"}, "at"),
        (Question, {"at": "9999-12-31T23:59"}, "at"),
        (Question, {"at": "2026-03-02T09:00 08:00"}, "at"),
        (Reader, {"person": "何文"}, "reader"),
        (Asked, {"limit": "0"}, "limit"),
        (Asked, {"place": "诸暨"}, "place"),
        (Asked, {"place": "٣٣٠٦٨١"}, "place"),
        (Asked, {"stage": "lost"}, "stage"),
        (Asked, {"after": "7"}, "after"),
        (Asked, {"open_only": "perhaps"}, "open_only"),
        (Asked, {"holders": told.POLICE}, "holders"),
    ],
)
def test_a_parameter_that_does_not_fit_is_named_with_a_reason(
    wanted, parameters, field
):
    with pytest.raises(BadQuestionError) as refused:
        read(wanted, parameters)

    (error,) = refused.value.errors
    assert error["field"] == field
    assert error["zh"] != error["en"]


def test_what_fits_is_understood():
    asked = read(Asked, {"place": "330681", "open_only": "true", "limit": "3"})

    assert (asked.place, asked.open_only, asked.limit) == ("330681", True, 3)


def told_as(body: bytes, name: str = "mediation.suspended.v1") -> wire.Told:
    return wire.Told("escalation", UUID(int=7), 41, told.DISPUTE, 9, name, body)


ENVELOPE = {
    "occurred_at": told.MONDAY,
    "recorded_at": told.MONDAY,
    "actor": {"body": told.VILLAGE, "person": "周小安", "badge": "new field"},
    "cause": "command-9",
}


def test_an_event_of_a_newer_release_is_kept_as_it_was_told():
    data = {"by": told.VILLAGE, "until": None, "deep": {"more": [1, 2]}}

    kept = heard(told_as(to_json({**ENVELOPE, "data": data, "trace": "x"})))

    assert (kept.name, kept.place, kept.data) == (
        "mediation.suspended.v1",
        "escalation:9",
        data,
    )
    assert (kept.actor.person, kept.event) == ("周小安", None)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"\xff", "not JSON"),
        (to_json({**ENVELOPE, "data": 1}), "no object 'data'"),
        (to_json({**ENVELOPE, "cause": 5, "data": {}}), "cause"),
        (to_json({"data": {}}), "actor, cause, occurred_at, recorded_at"),
    ],
)
def test_a_body_without_a_whole_envelope_is_refused_and_fields_are_named(body, what):
    with pytest.raises(MalformedMessageError, match=what):
        heard(told_as(body))
