"""Notices from what was heard to the recipient's hands, on real PostgreSQL.

Sent once by however many senders, again under the same id after a crash, one slow
recipient holding up nobody, and nobody's data anywhere on the way.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from importlib import resources
from pathlib import Path
from uuid import uuid5

import pytest
from structlog.testing import capture_logs

from services.notifications.channels import (
    ChannelError,
    Email,
    FileDrop,
    FolderOfTopics,
    Letter,
    MailServer,
    TopicOutlet,
    Webhook,
)
from services.notifications.sender import deliver_due
from services.notifications.service import NotificationsService
from services.notifications.views import MOST_PER_LANE, Waiting, notices_of, waiting
from shared.bodies import ChannelKind
from shared.events import wire
from shared.events.base import Recorded
from shared.events.database import Database
from shared.events.errors import DatabaseAwayError
from shared.events.escalation import ClockWarned, HandoffAccepted, KeptForSafety
from shared.events.inbox import Inbox
from shared.events.notifications import NoticeFailed, NoticeRetried, NoticeSent
from shared.events.store import Service
from shared.events.vocabulary import HandoffKind
from shared.events.wire import Told
from shared.keystore import KeyStore
from shared.masterkey import MasterKey
from shared.region import Region
from shared.sealing import seal
from tests.delivery.outside import SECRET, mail_server, receiving
from tests.unit.notifications_given import (
    DISPUTE,
    MONDAY,
    POLICE,
    ROW,
    VILLAGE,
    offered,
    opened,
    registered,
    said,
)

FIRM, OFFICE = "lawfirm-fengqiao", "legalservice-fengqiao"
MINUTE = timedelta(minutes=1)
ACCEPTED = HandoffAccepted(by=VILLAGE, sender=POLICE, kind=HandoffKind.REFERRAL)


class Recorder:
    """A channel that remembers what it was given, and does with it what it is told."""

    def __init__(self, does=lambda letter: None):
        self.letters: list[Letter] = []
        self._does = does

    def send(self, letter: Letter) -> None:
        self._does(letter)
        self.letters.append(letter)

    def count(self) -> Counter:
        return Counter(letter.notice for letter in self.letters)


class Post(Recorder):
    """A channel that takes many letters at once, each for itself."""

    def send_all(self, letters: Sequence[Letter]) -> list[Exception | None]:
        return [self._refusal(letter) for letter in letters]

    def _refusal(self, letter: Letter) -> Exception | None:
        try:
            self.send(letter)
        except ChannelError as error:
            return error
        return None


@pytest.fixture
def keystore(postgres_url: str) -> Iterator[KeyStore]:
    with closing(KeyStore(postgres_url, MasterKey(os.urandom(32)))) as store:
        store.migrate()
        yield store


@pytest.fixture
def make(database: Database, keystore: KeyStore):
    """Makes services as separate processes would have them, on the same data."""
    made: list[Service] = []

    def service(channels, region: Region | None = None) -> NotificationsService:
        found = NotificationsService(
            database, region or Region.load("sample"), keystore, channels
        )
        found.migrate()
        made.append(found)
        return found

    yield service
    for each in made:
        each.close()


@pytest.fixture
def channel() -> Recorder:
    return Recorder()


@pytest.fixture
def service(make, channel) -> NotificationsService:
    """Every body is reached by the same channel, whatever it registered."""
    return make(dict.fromkeys(ChannelKind, channel))


def hear(service: Service, *heard: Recorded, after: int = 0) -> None:
    """Hand over what speakers said, as a carrier does."""
    inbox, store = Inbox(service), uuid5(DISPUTE, "store")
    for position, each in enumerate(heard, start=after + 1):
        told = Told(
            each.speaker,
            store,
            position,
            each.dispute,
            each.version,
            each.event.stored_name,
            wire.written(each),
        )
        inbox.receive({f"{each.speaker}/{store}/0": [told]})
    assert inbox.parked() == []


def warned(body: str, count: int = 1) -> list[Recorded]:
    """One reminder to a body in each of so many disputes."""
    event = ClockWarned(clock="answer", holder=body, due=MONDAY, fired_at=MONDAY)
    disputes = [uuid5(DISPUTE, f"{body}/{number}") for number in range(count)]
    return [
        each._replace(dispute=dispute)
        for dispute in disputes
        for each in said("escalation", event)
    ]


def region_with(tmp_path: Path, body: str, *ways: str) -> Region:
    """The sample region, in which this body registered these ways and no others."""
    folder = tmp_path / "region"
    with resources.as_file(resources.files("shared") / "regions" / "sample") as sample:
        shutil.copytree(sample, folder)
    file = folder / "channels.csv"
    rows = file.read_text(encoding="utf-8").splitlines()
    rows = [row for row in rows if not row.startswith(f"{body},")]
    rows += [f"{body},{way}," for way in ways]
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return Region.load(folder)


def deliver(service: NotificationsService) -> int:
    return deliver_due(service, service.database.now())


def outcomes(service: NotificationsService, dispute=DISPUTE) -> list:
    kinds = (NoticeSent, NoticeRetried, NoticeFailed)
    events = [each.event for each in service.history(dispute)]
    return [event for event in events if isinstance(event, kinds)]


def wait_until(condition) -> None:
    for _ in range(2000):
        if condition():
            return
        threading.Event().wait(0.01)
    raise AssertionError("waited in vain")


# The ordinary way


def test_letters_reach_bodies_and_parties_by_the_ways_they_have(make, tmp_path):
    outbox, topics = tmp_path / "outbox", tmp_path / "topics"
    drop, outlet = FileDrop(outbox), TopicOutlet(FolderOfTopics(topics))
    service = make({ChannelKind.FILE: drop, ChannelKind.TOPIC: outlet})
    hear(service, *said("intake", registered()))
    hear(service, *said("escalation", opened(), offered()))

    assert deliver(service) == 5
    assert deliver(service) == 0

    assert len(list((outbox / VILLAGE).iterdir())) == 2
    assert len(list((outbox / "parties").iterdir())) == 2
    (receipt,) = (topics / "receipts.police").iterdir()
    body = json.loads(receipt.read_text(encoding="utf-8"))["body"]
    assert body["facts"]["reference"] == "FQ-2026-17"
    assert [e.channel for e in outcomes(service)].count("topic") == 1


def test_every_notice_of_a_dispute_can_be_looked_up(service, database):
    hear(service, *said("intake", registered()))
    deliver(service)

    rows = notices_of(database, DISPUTE)

    assert [(row.to, row.template, row.state, row.tries) for row in rows] == [
        (POLICE, "receipt", "sent", 1),
        ("party:1", "registered_party", "sent", 1),
        ("party:2", "registered_party", "sent", 1),
    ]


def test_a_group_of_121_is_told_in_one_round(service, channel):
    hear(service, *said("intake", registered(parties=121)))

    assert deliver(service) == 122

    assert len(channel.letters) == 122
    assert set(channel.count().values()) == {1}


def test_letters_to_parties_wait_until_intake_is_heard(service, database, channel):
    hear(service, *said("escalation", opened(), offered(), ACCEPTED))
    deliver(service)
    assert waiting(database, database.now()) == Waiting(0, 0, for_contacts=2, failed=0)

    hear(service, *said("intake", registered()))
    deliver(service)

    assert waiting(database, database.now()) == Waiting(0, 0, 0, 0)
    to = Counter(letter.to for letter in channel.letters)
    assert to["party:1"] == to["party:2"] == 2


def test_a_body_that_no_channel_reaches_must_be_told_by_a_person(make, channel):
    service = make({ChannelKind.EMAIL: channel})
    hear(service, *said("escalation", opened(), offered()))

    deliver(service)

    assert {(e.channel, e.reason) for e in outcomes(service)} == {
        ("none", "no-channel")
    }


# Failing and trying again


def test_a_webhook_that_fails_twice_is_taken_the_third_time(make, database, tmp_path):
    with receiving() as receiver:
        receiver.answers = [500, 500, 200]
        region = region_with(tmp_path, OFFICE, f"webhook,{receiver.url}")
        hook = Webhook([receiver.url], {OFFICE: (SECRET,)})
        service = make({ChannelKind.WEBHOOK: hook}, region)
        (heard,) = warned(OFFICE)
        hear(service, heard)

        for pause in (0, 1, 5):
            database.advance(pause * MINUTE)
            deliver(service)

        assert len(receiver.taken) == 1
        assert len(receiver.ids) == 3
        assert len(set(receiver.ids)) == 1
    kinds = [type(event) for event in outcomes(service, heard.dispute)]
    assert kinds == [NoticeRetried, NoticeRetried, NoticeSent]
    assert outcomes(service, heard.dispute)[-1].tries == 3


def test_the_next_try_takes_the_next_way_of_the_recipient(make, database, tmp_path):
    with mail_server() as (mailbox, port):
        mailbox.refuses["duty@firm.example"] = "550 no such person duty@firm.example"
        region = region_with(tmp_path, FIRM, "email,duty@firm.example", f"file,{FIRM}")
        drop = Recorder()
        mail = Email(MailServer("fengqiao@county.example", port=port))
        service = make({ChannelKind.EMAIL: mail, ChannelKind.FILE: drop}, region)
        (heard,) = warned(FIRM)
        hear(service, heard)

        with capture_logs() as logs:
            deliver(service)
            database.advance(MINUTE)
            deliver(service)

    first, second = outcomes(service, heard.dispute)
    assert (first.channel, first.reason) == ("email", "smtp-550")
    assert (second.channel, second.tries) == ("file", 2)
    assert "duty@firm" not in str(logs)
    assert [entry["event"] for entry in logs] == ["notice_retried", "notice_sent"]


def test_a_recipient_that_fails_is_left_alone_for_a_while(make, database):
    def fail(letter):
        failed.append(letter.notice)
        raise ChannelError("http-503", retry=True)

    failed: list = []
    service = make(dict.fromkeys(ChannelKind, Recorder(fail)))
    hear(service, *warned(VILLAGE, 5))

    assert [deliver(service) for _ in range(3)] == [1, 0, 0]

    assert len(failed) == 1
    assert waiting(database, database.now()) == Waiting(
        due=0, later=5, for_contacts=0, failed=0
    )
    database.advance(MINUTE)
    assert deliver(service) == 1


def test_of_many_at_once_a_recipient_is_missed_once_and_others_are_told(make, database):
    def fail(letter):
        asked.append(letter.to)
        if letter.to == VILLAGE:
            raise ChannelError("file-OSError", retry=True)

    asked: list = []
    service = make(dict.fromkeys(ChannelKind, Post(fail)))
    hear(service, *warned(VILLAGE, 5), *warned(FIRM))

    assert [deliver(service), deliver(service)] == [2, 0]

    assert sorted(asked) == [FIRM, *[VILLAGE] * 5]
    (heard,) = warned(FIRM)
    assert [type(e) for e in outcomes(service, heard.dispute)] == [NoticeSent]
    assert waiting(database, database.now()) == Waiting(
        due=0, later=5, for_contacts=0, failed=0
    )


def test_a_channel_that_breaks_down_over_many_is_tried_again(make, database):
    def break_down(letter):
        raise ZeroDivisionError("a person's name")

    service = make(dict.fromkeys(ChannelKind, Post(break_down)))
    hear(service, *said("intake", registered()))

    with capture_logs() as logs:
        assert deliver(service) == 3

    assert {entry["event"] for entry in logs} == {"notice_retried"}
    assert "a person's name" not in str(logs)
    assert waiting(database, database.now()).later == 3


def test_one_recipient_with_many_notices_leaves_room_for_others(service, channel):
    hear(service, *warned(VILLAGE, MOST_PER_LANE + 5))
    hear(service, *warned(FIRM), after=1000)

    deliver(service)

    to = Counter(letter.to for letter in channel.letters)
    assert to == {VILLAGE: MOST_PER_LANE, FIRM: 1}


def test_a_fault_in_one_letter_does_not_stop_the_others(make):
    def break_down(letter):
        if letter.to == VILLAGE:
            raise ZeroDivisionError("a person's name")

    service = make(dict.fromkeys(ChannelKind, Recorder(break_down)))
    hear(service, *warned(VILLAGE), *warned(FIRM))

    with capture_logs() as logs:
        deliver(service)

    assert {entry["event"] for entry in logs} == {"notice_sent", "notice_retried"}
    assert "ZeroDivisionError" in str(logs)
    assert "a person's name" not in str(logs)


def test_one_slow_recipient_holds_up_nobody_else(make):
    others_are_told, letters = threading.Event(), Recorder()

    def wait(letter):
        if letter.to == VILLAGE:
            assert others_are_told.wait(20)

    letters._does = wait
    service = make(dict.fromkeys(ChannelKind, letters))
    hear(service, *warned(VILLAGE), *warned(FIRM), *warned(OFFICE))
    disputes = [each.dispute for each in [*warned(FIRM), *warned(OFFICE)]]

    with ThreadPoolExecutor(1) as pool:
        round = pool.submit(deliver, service)
        wait_until(lambda: all(outcomes(service, d) for d in disputes))
        assert outcomes(service, warned(VILLAGE)[0].dispute) == []
        others_are_told.set()
        assert round.result() == 3


def test_a_broker_that_is_away_holds_up_no_folder(make, tmp_path):
    files_are_there = threading.Event()

    def publish(messages):
        assert files_are_there.wait(20)
        return [TimeoutError()] * len(messages)

    drop, outlet = FileDrop(tmp_path), TopicOutlet(publish)
    service = make({ChannelKind.FILE: drop, ChannelKind.TOPIC: outlet})
    hear(service, *said("intake", registered()))

    with ThreadPoolExecutor(1) as pool:
        round = pool.submit(deliver, service)
        wait_until(lambda: [e.channel for e in outcomes(service)] == ["file"] * 2)
        files_are_there.set()
        assert round.result() == 3

    assert len(list((tmp_path / "parties").iterdir())) == 2
    assert outcomes(service)[-1].reason == "TimeoutError"


# Crashes and other senders


def test_after_a_crash_before_recording_no_letter_lies_there_twice(
    make, tmp_path, monkeypatch
):
    service = make({ChannelKind.FILE: FileDrop(tmp_path)})
    hear(service, *said("intake", registered()))

    with monkeypatch.context() as crash:
        crash.setattr(service, "decide_many", away)
        with pytest.raises(DatabaseAwayError):
            deliver(service)
    before = sorted(tmp_path.glob("*/*"))
    assert outcomes(service) == []

    assert deliver(service) == 3

    assert sorted(tmp_path.glob("*/*")) == before
    assert [type(e) for e in outcomes(service)] == [NoticeSent] * 3


def test_after_a_crash_before_recording_the_same_notice_goes_out_again(
    make, tmp_path, monkeypatch
):
    drop = FileDrop(tmp_path)
    both = Recorder(drop.send)
    service = make({ChannelKind.FILE: both})
    hear(service, *said("intake", registered()))

    with monkeypatch.context() as crash:
        crash.setattr(service, "decide_many", away)
        with pytest.raises(DatabaseAwayError):
            deliver(service)
    went_out = both.count()
    assert outcomes(service) == []

    deliver(service)

    assert {both.count()[notice] for notice in went_out} == {2}
    assert set(both.count()) == {row.notice for row in told(service)}
    assert len(list(tmp_path.glob("*/*.txt"))) == 3
    assert [type(e) for e in outcomes(service)] == [NoticeSent] * 3


def told(service: NotificationsService):
    return notices_of(service.database, DISPUTE)


def away(intents):
    raise DatabaseAwayError("gone")


def test_several_senders_at_once_send_each_notice_once(make, channel):
    services = [make(dict.fromkeys(ChannelKind, channel)) for _ in range(3)]
    hear(services[0], *said("intake", registered(parties=60)))
    hear(services[0], *warned(VILLAGE, 15))
    together = threading.Barrier(3)

    def deliver_all(service):
        together.wait(20)
        return sum(deliver_due(service, MONDAY, limit=7) for _ in range(30))

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(deliver_all, services)) == 76

    assert len(channel.letters) == 76
    assert set(channel.count().values()) == {1}


def test_what_another_sender_holds_is_left_to_it(make, channel, database):
    entered, may_go = threading.Event(), threading.Event()

    def hold(letter):
        entered.set()
        assert may_go.wait(20)

    slow = make(dict.fromkeys(ChannelKind, Recorder(hold)))
    other = make(dict.fromkeys(ChannelKind, channel))
    hear(slow, *warned(VILLAGE))

    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(deliver, slow)
        assert entered.wait(20)
        assert deliver(other) == 0
        may_go.set()
        assert sending.result() == 1

    assert deliver(other) == 0
    assert channel.letters == []


# Persons


def contacts(keystore: KeyStore, *texts: str):
    """Contacts sealed as intake seals them."""
    for number, text in enumerate(texts, start=1):
        id = uuid5(DISPUTE, f"party-{number}")
        key = keystore.keys_for([id])[id]
        yield seal(key, text, f"{DISPUTE}/party-{number}/contact")


def test_a_party_with_a_mail_address_gets_mail_and_others_a_folder(
    make, keystore, tmp_path
):
    given = list(contacts(keystore, "li@home.example", "13900000000"))
    with mail_server() as (mailbox, port):
        mail = Email(MailServer("fengqiao@county.example", port=port))
        drop = FileDrop(tmp_path / "outbox")
        service = make(dict.fromkeys(ChannelKind, drop) | {ChannelKind.EMAIL: mail})
        hear(service, *said("intake", registered(contacts=given)))

        with capture_logs() as logs:
            deliver(service)

    assert mailbox.to == ["li@home.example"]
    (file,) = (tmp_path / "outbox" / "parties").iterdir()
    text = file.read_text(encoding="utf-8")
    assert "party:2" in text
    everything = text + str(logs) + str(service.history(DISPUTE))
    assert "13900000000" not in everything
    assert "li@home.example" not in everything


def test_a_party_whose_key_was_destroyed_gets_no_mail(make, keystore, channel):
    (given,) = contacts(keystore, "li@home.example")
    service = make(dict.fromkeys(ChannelKind, channel))
    hear(service, *said("intake", registered(contacts=[given], parties=1)))
    keystore.destroy(given.key)

    deliver(service)

    to_party = [letter for letter in channel.letters if letter.to == "party:1"]
    assert [letter.address for letter in to_party] == ["parties"]


def test_letters_to_parties_are_held_back_once_danger_is_known(service, channel):
    hear(service, *said("intake", registered()))
    hear(
        service,
        *said("escalation", opened(), KeptForSafety(holder=POLICE, rows=(ROW,))),
    )

    deliver(service)

    assert {letter.to for letter in channel.letters} == {POLICE}
    withheld = [e for e in outcomes(service) if isinstance(e, NoticeFailed)]
    assert [(e.channel, e.reason) for e in withheld] == [("withheld", "safety")] * 2
    assert deliver(service) == 0
