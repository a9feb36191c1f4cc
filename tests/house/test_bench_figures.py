"""The arithmetic of the bench: rates, quantiles, aims, and copies of disputes."""

from __future__ import annotations

import struct
from uuid import UUID

import pytest

from bench.aims import AIMS, judged
from bench.end_to_end import Timeline
from bench.open_loop import milliseconds, quantile, steady
from bench.pattern_rows import END, HEADER, Reader
from bench.patterns import DAY, Pattern, copy_of, filled, stamped
from bench.referrals import referrals
from bench.stages import STAGES
from bench.tables import Column, Table
from bench.words import text
from shared.events.vocabulary import dispute_code, dispute_id

SENDER, REFERENCE, PLACE = "police-fengqiao", "run-00001", "330681109201"
DISPUTE = dispute_id(SENDER, REFERENCE)
CODE = dispute_code(DISPUTE, PLACE)
NOTICE = UUID("9be1eb62-3d98-5232-9059-4547083f96af")
EVENTS = Table(
    "intake",
    "intake_events",
    (
        Column("originator_id", "uuid", None),
        Column("state", "bytea", None),
        Column("at", "timestamptz", None),
        Column("why", "text", None),
        Column("notification_id", "int8", "intake.numbers"),
    ),
    "originator_id = %(dispute)s",
)


def test_a_dispute_counts_when_it_has_passed_every_stage():
    timeline = Timeline(10)
    timeline.add(1.0, {**dict.fromkeys(STAGES, 10), "noticed": 0})
    timeline.add(21.0, dict.fromkeys(STAGES, 10))

    assert timeline.seconds == 21.0
    assert timeline.last(0.5) == 11.0
    assert timeline.steady == pytest.approx(0.5)


def test_one_in_a_hundred_may_take_longer_than_p99():
    took = [0.001] * 99 + [1.0]

    assert quantile(took, 0.98) == 0.001
    assert milliseconds(took)["most"] == 1000
    assert milliseconds([])["p99"] == 0


def test_an_open_loop_sends_at_moments_that_stand_beforehand():
    assert steady(50, 3) == [0.0, 0.02, 0.04]


def test_an_aim_is_told_as_reached_missed_or_not_measured():
    results = {"end-to-end": {"steady_per_second": 501}, "bare": {"ratio": 0.1}}
    found = {each.aim.code: each.reached for each in judged(results)}

    assert (found["rate"], found["ratio"], found["story"]) == (True, False, None)


def test_a_busy_machine_shows_beside_times_but_not_beside_sizes():
    results = {"others_percent": {"end-to-end": 40.0, "disk": 40.0}}
    found = {each.aim.code: each.disturbed for each in judged(results)}

    assert (found["rate"], found["disk"]) == (True, False)


def test_every_aim_and_stage_has_a_text():
    wanted = [f"aim.{aim.code}" for aim in AIMS] + [f"stage.{s}" for s in STAGES]

    assert [code for code in wanted if code not in text] == []


def test_the_same_run_sends_the_same_referrals():
    first, second = list(referrals("a", 5)), list(referrals("a", 5))

    assert first == second
    assert len({each.dispute for each in first}) == 5


def test_a_copy_differs_in_ids_code_reference_and_dates_and_in_nothing_else():
    state = (
        f'{{"at":"2026-03-02T09:00:00Z","code":"{CODE}","reference":"{REFERENCE}",'
        f'"dispute":"{DISPUTE}","notice":"{NOTICE}","kind":"neighbour"}}'
    ).encode()
    reader = Reader(DISPUTE, CODE, REFERENCE)
    row = [DISPUTE.bytes, state, struct.pack(">q", 9 * DAY), None, struct.pack(">q", 7)]
    rows = reader.rows(EVENTS, HEADER + _row(row) + END)
    pattern = Pattern(SENDER, REFERENCE, PLACE, True, reader.slots, {"events": rows})
    copy = copy_of(pattern, 2)
    words = filled(pattern, copy)

    notice = UUID(int=NOTICE.int ^ copy.mask)
    wanted = (
        f'{{"at":"2026-02-27T09:00:00Z","code":"{copy.code}",'
        f'"reference":"h00000002","dispute":"{copy.dispute}","notice":"{notice}",'
        '"kind":"neighbour"}'
    ).encode()
    at, number = struct.pack(">q", 6 * DAY), struct.pack(">q", 100)
    copied = [copy.dispute.bytes, wanted, at, None, number]
    assert stamped(rows, words, first=100) == _row(copied)


def test_a_copy_has_the_id_and_code_that_its_reference_gives():
    pattern = Pattern(SENDER, REFERENCE, PLACE, False, [], {})
    copy = copy_of(pattern, 12)

    assert copy.dispute == dispute_id(SENDER, copy.reference)
    assert copy.code == dispute_code(copy.dispute, PLACE)
    assert copy.days == 0


def _row(fields):
    """A row as a binary copy has it."""
    told = struct.pack(">h", len(fields))
    for field in fields:
        told += struct.pack(">i", -1 if field is None else len(field)) + (field or b"")
    return told
