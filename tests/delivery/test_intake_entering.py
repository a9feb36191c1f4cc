"""One dispute per sender and reference, however often and however it comes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from eventsourcing.persistence import OperationalError
from structlog.testing import capture_logs

from services.intake.corrections import Correction
from services.intake.json_body import LARGEST
from services.intake.receipt import Receipt, Slip
from services.intake.referral import MOST_PARTIES
from services.intake.sealing import party_key
from services.intake.service import IntakeService
from shared.calendar import load_calendar
from shared.events.errors import RefusedError, UnknownDisputeError
from shared.events.inbox import Inbox
from shared.keystore import KeyMissingError
from tests.conftest import MONDAY
from tests.delivery.intake_given import an_intake, stored
from tests.unit.intake_given import (
    INCIDENT,
    POLICE,
    REFERRAL,
    REGION,
    SIDES,
    body,
    referral,
    told,
)

HTTP = {"channel": "http"}
LARGEST_EVENT = 4 * 1024 * 1024
"""What a topic for events takes, see deploy/topics.toml."""


@pytest.fixture
def intake(database):
    with an_intake(database) as service:
        yield service


def names(database):
    return [name for name, _ in stored(database)]


def test_a_sender_gets_a_receipt_with_code_holder_and_next_clock(intake):
    answer = intake.refer(body(REFERRAL), **HTTP)
    receipt = answer.given

    assert isinstance(receipt, Receipt)
    assert not answer.again
    assert receipt.code.startswith("330681-")
    assert receipt.received_at == MONDAY
    assert receipt.holder.name == REGION.bodies[POLICE].name
    assert receipt.next_clock.name == "first_handling"
    assert receipt.next_clock.due > MONDAY
    assert receipt.next_clock.provisional
    assert receipt.next_clock.legal_basis


def test_a_receipt_is_found_by_code_and_by_the_senders_number(intake):
    receipt = intake.refer(body(REFERRAL), **HTTP).given

    assert intake.receipt(receipt.code.lower()) == receipt
    assert intake.receipt_for(POLICE, REFERRAL["reference"]) == receipt
    with pytest.raises(UnknownDisputeError):
        intake.receipt("330681-\x00")
    with pytest.raises(UnknownDisputeError):
        intake.receipt_for(POLICE, "another\x00")


def test_the_same_content_by_any_way_gets_the_same_receipt(intake, database):
    first = intake.refer(body(REFERRAL), channel="http")
    second = intake.refer(told(INCIDENT, sender=POLICE), channel="topic")
    third = intake.refer(referral(), channel="file")

    assert (second.given, second.again) == (first.given, True)
    assert (third.given, third.again) == (first.given, True)
    assert names(database) == ["dispute.registered.v1"]


def test_many_at_the_same_instant_open_one_dispute(intake, database):
    others = [
        IntakeService(database, REGION, load_calendar(), intake._keystore)
        for _ in range(3)
    ]
    start = Barrier(12)

    def post(number):
        start.wait(10)
        service = [intake, *others][number % 4]
        return service.refer(body(REFERRAL), **HTTP)

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(post, range(12)))
    for other in others:
        other.close()

    assert len({answer.given for answer in answers}) == 1
    assert names(database) == ["dispute.registered.v1"]


def test_a_lost_reply_is_absorbed_by_looking_again(intake, database, monkeypatch):
    insert = intake.histories.recorder.insert_events

    def insert_and_lose_the_reply(*args, **kwargs):
        insert(*args, **kwargs)
        raise OperationalError("connection lost after commit")

    with monkeypatch.context() as broken:
        broken.setattr(
            intake.histories.recorder, "insert_events", insert_and_lose_the_reply
        )
        first = intake.refer(body(REFERRAL), **HTTP)
    again = intake.refer(body(REFERRAL), **HTTP)

    assert again.given == first.given
    assert names(database) == ["dispute.registered.v1"]


def test_a_reference_is_not_used_for_another_dispute(intake, database):
    intake.refer(body(REFERRAL), **HTTP)

    with pytest.raises(RefusedError) as refusal:
        intake.refer(body({**REFERRAL, "kind": "contract"}), **HTTP)

    assert refusal.value.reason == "reference-reused"
    assert refusal.value.facts["fields"] == ["kind"]
    assert names(database) == ["dispute.registered.v1"]


def test_two_senders_may_use_the_same_number(intake):
    other = {**REFERRAL, "sender": "police-manas"}

    first, second = (intake.refer(body(r), **HTTP).given for r in (REFERRAL, other))

    assert first.code != second.code


def test_a_correction_is_made_once_and_known_as_its_own_content(intake, database):
    receipt = intake.refer(body(REFERRAL), **HTTP).given
    better = referral(kind="damage_compensation", amount=680)
    correction = Correction("c1", "wang", better)

    for _ in range(2):
        assert intake.correct(correction) == receipt

    assert names(database) == ["dispute.registered.v1", "dispute.corrected.v1"]
    _, corrected = intake.history(receipt.dispute)
    assert corrected.actor.person == "wang"
    assert corrected.event.changed == ("amount", "kind")
    for content in (
        REFERRAL,
        {**REFERRAL, "kind": "damage_compensation", "amount": 680},
    ):
        assert intake.refer(body(content), **HTTP) == (receipt, True)


def test_a_correction_back_and_forth_is_recorded_each_time(intake, database):
    intake.refer(body(REFERRAL), **HTTP)
    for number, kind in enumerate(["contract", "neighbour", "contract"]):
        intake.correct(Correction(f"c{number}", "wang", referral(kind=kind)))

    assert names(database).count("dispute.corrected.v1") == 3


def test_what_is_no_dispute_is_recorded_as_returned_and_may_come_again(
    intake, database
):
    matter = told({**INCIDENT, "警情类别": "遗失物品"}, sender=POLICE)

    first, second = (intake.refer(matter, channel="topic") for _ in range(2))

    assert isinstance(first.given, Slip)
    assert "12345" in first.given.zh
    assert (second.given, second.again) == (first.given, True)
    assert intake.refer(body(REFERRAL), **HTTP).again is False
    assert names(database) == ["referral.returned.v1", "dispute.registered.v1"]


def test_in_a_batch_each_is_refused_on_its_own(intake, database):
    intake.refer(body(REFERRAL), **HTTP)
    batch = [
        referral(kind="contract"),
        referral(reference="B2"),
        referral(reference="B2"),
        told({**INCIDENT, "接警编号": "B3", "警情类别": "咨询"}, sender=POLICE),
        referral(),
    ]

    reused, new, twice, returned, known = intake.refer_many(batch, channel="file")

    assert isinstance(reused, RefusedError)
    assert (new.again, twice.again, known.again) == (False, True, True)
    assert new.given == twice.given
    assert isinstance(returned.given, Slip)
    assert len(names(database)) == 3
    assert intake.refer_many([], channel="file") == []


def test_keys_of_a_batch_are_made_in_one_round_trip(intake, monkeypatch):
    asked = []
    make = intake._keystore._find_or_create
    monkeypatch.setattr(
        intake._keystore,
        "_find_or_create",
        lambda ids: asked.append(len(ids)) or make(ids),
    )

    intake.refer_many([referral(reference=f"B{n}") for n in range(20)], channel="file")

    assert asked == [20 * 3]


def test_an_erased_party_holds_up_nobody_else(intake):
    erased, other = referral(reference="E1"), referral(reference="E2")
    intake._keystore.destroy(party_key(erased.dispute, 1))

    refused, registered = intake.refer_many([erased, other], channel="file")

    assert isinstance(refused, KeyMissingError)
    assert isinstance(registered.given, Receipt)


def test_a_known_referral_is_known_after_its_parties_were_erased(intake):
    receipt = intake.refer(body(REFERRAL), **HTTP).given
    intake._keystore.destroy(party_key(receipt.dispute, 1))

    assert intake.refer(body(REFERRAL), **HTTP) == (receipt, True)


def test_nothing_personal_is_readable_in_the_database_or_the_log(intake, database):
    with capture_logs() as logs:
        intake.refer(body(REFERRAL), **HTTP)
        intake.refer(body(REFERRAL), **HTTP)
        intake.refer(
            told({**INCIDENT, "接警编号": "R", "警情类别": "咨询"}, POLICE), **HTTP
        )
        Inbox(intake)
    receipts = database.read("SELECT * FROM intake.receipts")
    seen = (
        f"{stored(database)} {receipts} {logs}"
        + b" ".join(raw for _, raw in stored(database)).decode()
    )

    assert [log["event"] for log in logs] == [
        "dispute_registered",
        "referral_known",
        "referral_returned",
    ]
    for secret in (SIDES[0]["name"], SIDES[0]["contact"], SIDES[1]["name"], "排水沟"):
        assert secret not in seen


@pytest.mark.timeout(60)
def test_the_largest_referral_fits_into_a_message(intake, database):
    told_of_each = {
        "side": "applicant",
        "contact": "199-0000-2000",
        "claim": "退还预付卡余额，并按约定支付利息。" * 4,
    }
    people = [
        {**told_of_each, "name": f"样{n:04}", "identity": f"SAMPLE-{n:04}"}
        for n in range(MOST_PARTIES)
    ]
    large = body({**REFERRAL, "parties": people})
    assert 0.85 * LARGEST < len(large) <= LARGEST

    intake.refer(large, **HTTP)

    ((_, raw),) = stored(database)
    assert len(raw) < LARGEST_EVENT
