"""A referral is registered whole, or refused with every fault named."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.intake.reading import read_referral
from services.intake.refusals import ReferralRefusedError
from services.texts import LANGUAGES
from shared.divisions import Divisions
from shared.events.facts import Exactness
from shared.events.vocabulary import Flag, HandoffKind, Source
from tests.unit.intake_given import (
    GROUND,
    MONDAY,
    REFERRAL,
    REGION,
    SIDES,
    body,
    faults,
    referral,
    told,
)

ASKED = HandoffKind.REFERRAL
MERGED = "330681109203"
LATER = (MONDAY + timedelta(minutes=6)).isoformat()
BOTH = [SIDES[0], {**SIDES[1], "identity": "x-1"}]


def people(count, **more):
    claimants = [{"side": "applicant", "name": f"样{n}", **more} for n in range(count)]
    return [*claimants, SIDES[1]]


def test_a_plain_referral_is_understood():
    facts = referral().facts(ASKED)

    assert (facts.source, facts.kind, facts.persons, facts.side) == (
        Source.POLICE,
        "neighbour",
        2,
        1,
    )
    assert facts.asked is ASKED


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty-body"),
        (b"  \n", "empty-body"),
        (b"null", "not-an-object"),
        (b"[]", "not-an-object"),
        (b'"x"', "not-an-object"),
        (b"{", "not-json"),
        (b'{"a": 1,}', "not-json"),
        (b'{"a": 1} {"b": 2}', "not-json"),
        (b'{"reference": "\xff\xfe"}', "not-utf-8"),
        ("{'编号'}".encode("gb18030"), "not-utf-8"),
        (b"[" * 1_000_000, "too-deep"),
        (b'{"a":' * 20 + b"1" + b"}" * 20, "too-deep"),
        (b'{"amount": NaN}', "not-a-number"),
        (b'{"amount": -Infinity}', "not-a-number"),
        (b'{"amount": 1e99999999999999999999999}', "not-a-number"),
        (b'{"amount": ' + b"9" * 5000 + b"}", "number-too-long"),
        (b'{"a": "' + b"x" * 1_048_576 + b'"}', "too-large"),
        (b"x" * 10_000_000, "too-large"),
    ],
)
def test_a_body_that_is_no_referral_is_refused_as_a_whole(raw, reason):
    assert faults(raw) == {"": reason}


def test_brackets_within_text_do_not_count_as_nesting():
    assert faults({**REFERRAL, "narrative": "[" * 500 + '\\"{'}) == {}


def test_unterminated_quotes_are_refused_without_looking_twice():
    assert faults(b'{"a": "' + b'\\"' * 400_000) == {"": "not-json"}


def test_a_name_that_stands_twice_is_refused():
    raw = body(REFERRAL)[:-1] + b', "kind": "contract"}'

    assert faults(raw) == {"kind": "name-twice"}


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("sender", "police-nowhere", ("sender", "unknown-sender")),
        ("sender", ["police-fengqiao"], ("sender", "unknown-sender")),
        ("source", "rumour", ("source", "unknown-source")),
        ("source", None, ("source", "unknown-source")),
        ("source", "court", ("source", "not-of-this-sender")),
        ("reference", "", ("reference", "empty")),
        ("reference", 7, ("reference", "wrong-type")),
        ("reference", "x" * 81, ("reference", "too-long")),
        ("reference", "a\nb", ("reference", "bad-characters")),
        ("kind", "quarrel", ("kind", "unknown-kind")),
        ("place", "33068", ("place", "place-malformed")),
        ("place", "330681999", ("place", "place-unknown")),
        ("place", "330600", ("place", "place-too-wide")),
        ("place", None, ("place", "wrong-type")),
        ("occurred_at", LATER, ("occurred_at", "in-the-future")),
        ("occurred_at", "9999-12-31T23:59:59-12:00", ("occurred_at", "in-the-future")),
        ("occurred_at", "2026-02-30", ("occurred_at", "impossible-time")),
        ("occurred_at", "2026-02-09T25:00", ("occurred_at", "impossible-time")),
        ("occurred_at", "1898-01-01", ("occurred_at", "too-long-ago")),
        ("occurred_at", "0001-01-01T00:00+14:00", ("occurred_at", "too-long-ago")),
        ("occurred_at", "昨天", ("occurred_at", "not-a-time")),
        ("occurred_at", 1_770_000_000, ("occurred_at", "not-a-time")),
        ("narrative", "a\x00b", ("narrative", "bad-characters")),
        ("narrative", "a\x1b[31m", ("narrative", "bad-characters")),
        ("narrative", "字" * 20_001, ("narrative", "too-long")),
        ("parties", [], ("parties", "too-few")),
        ("parties", {"0": 1}, ("parties", "wrong-type")),
        (
            "parties",
            [{**SIDES[0], "side": "left"}],
            ("parties.0.side", "unknown-value"),
        ),
        ("parties", [{"side": "applicant"}], ("parties.0.name", "missing")),
        ("parties", [{**SIDES[0], "minor": "no"}], ("parties.0.minor", "wrong-type")),
        ("parties", [{**SIDES[0], "age": 7}], ("parties.0.age", "unknown-field")),
        ("parties", [*BOTH, {**BOTH[1], "identity": "X1"}], ("", "party-twice")),
        ("parties", people(3000), ("parties", "too-many")),
        ("amount", True, ("amount", "not-a-number")),
        ("amount", "much", ("amount.yuan", "not-a-number")),
        ("amount", -1, ("amount", "amount-out-of-bounds")),
        ("amount", "1e13", ("amount", "amount-out-of-bounds")),
        ("amount", "0.001", ("amount", "less-than-a-fen")),
        (
            "amount",
            {"yuan": 1, "currency": "EUR"},
            ("amount.currency", "unknown-field"),
        ),
        ("flags", ["angry"], ("flags.0", "unknown-value")),
        ("asked", "forward", ("asked", "not-to-be-asked")),
        ("prior_failed", ["nobody"], ("prior_failed", "unknown-body")),
        ("prior_failed", "consumer-manas", ("prior_failed", "wrong-type")),
        ("secret", "x", ("secret", "unknown-field")),
    ],
)
def test_a_field_that_cannot_be_registered_is_named(field, value, fault):
    assert faults({**REFERRAL, field: value}) == dict([fault])


def test_half_a_character_is_refused_because_no_database_keeps_it():
    raw = body(REFERRAL).replace("陈样安".encode(), b"\\ud83d")

    assert faults(raw) == {"parties.0.name": "bad-characters"}


def test_all_faults_are_named_at_once():
    data = {**REFERRAL, "kind": "?", "place": "1", "parties": [{"side": "applicant"}]}

    assert faults(data).keys() == {"kind", "place", "parties.0.name"}


def changed(successor):
    """The ground of the sample, with other successors of the village that merged."""
    ended = REGION.divisions.named(MERGED)
    said = ended.model_copy(update={"successor": successor})
    divisions = Divisions(REGION.code, [*REGION.divisions, said])
    return GROUND._replace(region=replace(REGION, divisions=divisions))


@pytest.mark.parametrize(
    ("successor", "reason", "named"),
    [
        ("330681109201 330681109202", "place-split", "330681109201, 330681109202"),
        (None, "place-not-in-force", "—"),
    ],
)
def test_an_ended_code_without_one_successor_is_refused(successor, reason, named):
    with pytest.raises(ReferralRefusedError) as refusal:
        read_referral(body({**REFERRAL, "place": MERGED}), changed(successor))

    (problem,) = refusal.value.problems
    assert (problem.field, problem.reason) == ("place", reason)
    for language in LANGUAGES:
        words = problem.words(language)
        assert "2023-12-31" in words and named in words


@pytest.mark.parametrize("occurred_at", ["2023-06-01", "2026-03-01", None])
def test_a_merged_place_is_taken_as_told_whenever_the_dispute_arose(occurred_at):
    assert referral(place=MERGED, occurred_at=occurred_at).place == MERGED
    assert GROUND.place(MERGED) == "330681109202"


def test_a_place_is_known_by_its_code_of_today_also_for_an_older_dispute():
    assert referral(occurred_at="1999-06-01").place == REFERRAL["place"]


@pytest.mark.parametrize(
    "written",
    ["2026-03-01T10:30:00+08:00", "2026-03-01 10:30", "2026-03-01T02:30:00Z"],
)
def test_one_moment_written_in_several_ways_is_one_moment(written):
    assert referral(occurred_at=written) == referral()


def test_a_clock_that_is_a_little_fast_is_no_reason_to_refuse():
    assert referral(occurred_at=(MONDAY + timedelta(minutes=4)).isoformat())


@pytest.mark.parametrize("written", [60000, "60000", "60000.00", {"yuan": "60000"}])
def test_one_sum_written_in_several_ways_is_one_sum(written):
    assert referral(amount=written) == referral(amount={"yuan": 60000})


def test_how_exactly_a_sum_is_known_is_kept():
    found = referral(amount={"yuan": "60000", "exactness": "at_least"})

    assert found.amount.exactness is Exactness.AT_LEAST


@pytest.mark.parametrize(
    ("parties", "flags"),
    [
        (SIDES, ()),
        ([{**SIDES[0], "minor": True}, SIDES[1]], (Flag.MINOR_INVOLVED,)),
        ([SIDES[0], {**SIDES[1], "willing": False}], (Flag.PARTY_REFUSES,)),
        (people(9), ()),
        (people(10), (Flag.GROUP,)),
        ([*people(10), {**SIDES[0], "willing": False}], (Flag.GROUP,)),
        (people(10, willing=False), (Flag.GROUP, Flag.PARTY_REFUSES)),
    ],
)
def test_what_parties_show_of_a_dispute_is_seen(parties, flags):
    assert referral(parties=parties).facts(ASKED).flags == flags


def test_the_handoff_that_was_asked_for_is_kept():
    asked = referral(asked="entrusted_mediation").facts(ASKED).asked

    assert asked is HandoffKind.ENTRUSTED_MEDIATION


def test_a_sender_with_several_sources_names_one():
    data = {**REFERRAL, "sender": "centre-zhuji", "source": "screening"}

    assert told(data).source is Source.SCREENING


def test_a_body_cannot_send_in_the_name_of_another():
    assert faults(REFERRAL, sender="court-zhuji") == {"sender": "sender-differs"}


def test_neither_errors_nor_referrals_show_what_is_personal():
    secret = "龙样秘"
    shown = repr(referral(narrative=secret)) + str(referral(narrative=secret))
    data = {**REFERRAL, "parties": [{"side": secret, "name": secret * 50}]}
    data |= {"narrative": secret + "\x00", "kind": secret, "amount": secret}
    with pytest.raises(ReferralRefusedError) as refusal:
        told(data)

    assert secret not in shown
    assert secret not in f"{refusal.value} {refusal.value.facts} {refusal.value.errors}"


def test_every_reason_has_words_in_both_languages():
    with pytest.raises(ReferralRefusedError) as refusal:
        told({**REFERRAL, "kind": "?", "flags": ["?"], "amount": -1})

    for error in refusal.value.errors:
        assert error["zh"]
        assert error["en"]
        assert "—" not in error["zh"] + error["en"]


def test_a_referral_is_only_made_by_reading_one():
    with pytest.raises(TypeError, match="made by reading"):
        type(referral())(**REFERRAL, source="police")


def test_what_lies_in_the_future_depends_on_when_it_is_read():
    earlier = GROUND._replace(now=MONDAY - timedelta(days=30))

    with pytest.raises(ReferralRefusedError, match="occurred_at: in-the-future"):
        read_referral(body(REFERRAL), earlier)
