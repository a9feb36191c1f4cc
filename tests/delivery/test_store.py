"""Deciding once, hearing once, and nothing between two chairs: on real PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import OperationalError

from shared.events import wire
from shared.events.base import Actor
from shared.events.database import Database
from shared.events.delivery import MessageParked, MessageReleased
from shared.events.errors import InvariantBrokenError, RefusedError, StoreError
from shared.events.inbox import Inbox
from shared.events.store import Intent
from shared.events.tail import hear, source
from tests.delivery.counting import Count, Counted, Counting, Doubled, Doubling

CLERK = Actor(body="court-zhuji", person="clerk-7")


@pytest.fixture
def counting(database: Database) -> Iterator[Counting]:
    service = _migrated(Counting(database))
    yield service
    service.close()


@pytest.fixture
def doubling(database: Database) -> Iterator[Doubling]:
    service = _migrated(Doubling(database))
    yield service
    service.close()


def _migrated(service):
    service._scripts = list
    service.migrate()
    return service


def count(service: Counting, dispute: UUID, number: int, command: str | None = None):
    return service.decide(
        dispute,
        command or str(uuid4()),
        lambda _: [Counted(number=number)],
        actor=CLERK,
    )


def test_a_command_is_carried_out_once_and_answers_the_same_again(counting):
    dispute = uuid4()

    first = count(counting, dispute, 5, "command-1")
    again = count(counting, dispute, 6, "command-1")

    assert [e.event for e in first] == [Counted(number=5)]
    assert again == first
    assert counting.state(dispute) == Count(numbers=(5,))


def test_another_process_sees_what_was_decided_here(counting, database):
    elsewhere = Counting(database)
    dispute = uuid4()
    count(counting, dispute, 1)
    count(elsewhere, dispute, 2)
    count(counting, dispute, 3)

    assert elsewhere.state(dispute).numbers == (1, 2, 3)
    assert [e.version for e in counting.history(dispute)] == [1, 2, 3]
    elsewhere.close()


def test_many_at_once_on_one_dispute_all_find_their_place(counting, database):
    elsewhere = Counting(database)
    dispute = uuid4()
    with ThreadPoolExecutor(8) as pool:
        services = [counting, elsewhere] * 10
        list(pool.map(lambda s: count(s, dispute, 1), services))

    assert counting.state(dispute).numbers == (1,) * 20
    elsewhere.close()


def test_the_same_command_from_many_threads_is_carried_out_once(counting, database):
    elsewhere = Counting(database)
    dispute = uuid4()
    with ThreadPoolExecutor(8) as pool:
        services = [counting, elsewhere] * 10
        answers = list(pool.map(lambda s: count(s, dispute, 1, "one"), services))

    assert counting.state(dispute).numbers == (1,)
    assert all(answer == answers[0] for answer in answers)
    elsewhere.close()


def test_what_breaks_an_invariant_is_not_recorded(counting):
    dispute = uuid4()
    count(counting, dispute, 999)

    with pytest.raises(InvariantBrokenError, match="Nothing was stored"):
        count(counting, dispute, 2)

    assert counting.state(dispute).numbers == (999,)


def test_of_many_commands_only_the_bad_ones_are_refused(counting):
    good, bad = uuid4(), uuid4()

    def refuse(_):
        raise RefusedError("no", "not this one")

    done = counting.decide_many(
        [
            Intent(good, "a", lambda _: [Counted(number=1)], CLERK),
            Intent(bad, "b", refuse, CLERK),
            Intent(good, "c", lambda _: [Counted(number=2)], CLERK),
        ]
    )

    assert [bool(d.error) for d in done] == [False, True, False]
    assert counting.state(good).numbers == (1, 2)


def test_a_lost_commit_reply_is_no_conflict(counting, monkeypatch):
    """The reply to the commit never came: what was stored is read back."""
    dispute = uuid4()
    lost = _losing_one_reply(counting, monkeypatch)

    first = count(counting, dispute, 5, "command-1")

    assert lost.is_set()
    assert [e.event for e in first] == [Counted(number=5)]
    assert counting.history(dispute) == first


def test_a_lost_commit_reply_while_hearing_doubles_nothing(
    counting, doubling, monkeypatch
):
    dispute = uuid4()
    for number in (1, 2, 3):
        count(counting, dispute, number)
    lost = _losing_one_reply(doubling, monkeypatch)

    hear(Inbox(doubling), counting)

    assert lost.is_set()
    assert doubling.state(dispute).numbers == (2, 4, 6)


def _losing_one_reply(service, monkeypatch) -> Event:
    """The connection breaks once, after the transaction was committed."""
    datastore, lost = service.histories.recorder.datastore, Event()
    original = datastore.get_connection

    @contextmanager
    def breaking():
        with original() as connection:
            yield connection
        if not lost.is_set():
            lost.set()
            raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(datastore, "get_connection", breaking)
    return lost


def test_events_are_heard_once_however_often_they_come(counting, doubling):
    dispute = uuid4()
    for number in range(5):
        count(counting, dispute, number)
    inbox = Inbox(doubling)
    told = counting.tell(after=0)

    assert inbox.receive({source(counting): told}) == 5
    assert inbox.receive({source(counting): told}) == 0
    assert Inbox(doubling).receive({source(counting): told[2:]}) == 0
    assert doubling.state(dispute).numbers == (0, 2, 4, 6, 8)


def test_what_a_relay_says_again_within_a_batch_is_heard_once(counting, doubling):
    dispute = uuid4()
    for number in range(4):
        count(counting, dispute, number)
    inbox, place, told = Inbox(doubling), source(counting), counting.tell(after=0)

    assert inbox.receive({place: [*told, *told[:2]]}) == 4
    assert inbox.receive({place: told[2:]}) == 0
    assert inbox.stored_position(place) == told[-1].position
    assert doubling.state(dispute).numbers == (0, 2, 4, 6)


def test_two_processes_hearing_the_same_events_record_them_once(
    counting, doubling, database
):
    elsewhere = Doubling(database)
    for number in range(40):
        count(counting, uuid4(), number + 100)
    inboxes = [Inbox(doubling), Inbox(elsewhere)] * 3
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda inbox: hear(inbox, counting), inboxes))

    doubled = [told for told in doubling.tell(0) if "doubled" in told.name]
    assert len(doubled) == 40
    elsewhere.close()


@pytest.mark.parametrize("bad", [13, 14], ids=["refused", "a bug"])
def test_a_bad_message_is_parked_and_stops_nobody(counting, doubling, bad):
    good, ill = uuid4(), uuid4()
    count(counting, ill, 1)
    count(counting, ill, bad)
    count(counting, good, 2)
    count(counting, ill, 3)
    inbox = Inbox(doubling)

    assert hear(inbox, counting) == 4

    assert doubling.state(good).numbers == (4,)
    assert doubling.state(ill).numbers == (2,)
    assert [m.behind for m in inbox.parked()] == [False, True]
    assert "person" not in " ".join(m.reason for m in inbox.parked())
    parked = [e.event for e in doubling.history(ill) if type(e.event) is MessageParked]
    assert [p.behind for p in parked] == [False, True]


def test_a_repaired_message_is_released_once_with_those_behind_it(counting, doubling):
    ill = uuid4()
    for number in (13, 3, 4):
        count(counting, ill, number)
    inbox = Inbox(doubling)
    hear(inbox, counting)
    message = inbox.parked()[0]
    repaired = message.body.replace(b'"number":13', b'"number":12')

    with pytest.raises(RefusedError, match="which person"):
        inbox.release(message.message, by=Actor(body="x"), why="", foreign=_none)
    for _ in range(2):
        inbox.release(
            message.message, by=CLERK, why="typo", foreign=_none, body=repaired
        )

    assert doubling.state(ill).numbers == (24, 6, 8)
    assert inbox.parked() == []
    released = [
        e.event for e in doubling.history(ill) if type(e.event) is MessageReleased
    ]
    assert [r.repaired for r in released] == [True, False, False]


def test_a_message_that_means_nothing_is_discarded_by_a_named_person(doubling):
    inbox = Inbox(doubling)
    message = inbox.park("doubling/0/1", {}, b"rubbish", "header ce_source is missing")

    inbox.release(message, by=CLERK, why="a test", foreign=_none, discard=True)

    assert inbox.parked() == []
    last = doubling.history(message)[-1]
    assert (last.event.discarded, last.actor) == (True, CLERK)


def test_an_unreadable_message_is_parked_with_its_bytes(counting, doubling):
    count(counting, uuid4(), 1)
    (told,) = counting.tell(0)
    broken = [
        told._replace(position=told.position + n, dispute=uuid4(), **changes)
        for n, changes in enumerate(
            [
                {"body": b"\xff\xfe"},
                {"body": b"{}"},
                {"name": "test.counted.v99"},
                {"body": told.body.replace(b'"number":1', b'"number":"many"')},
                {"body": b"[" * 5000},
            ]
        )
    ]
    inbox = Inbox(doubling)

    assert inbox.receive({source(counting): broken}) == 5

    parked = inbox.parked()
    assert [m.body for m in parked] == [b.body for b in broken]
    assert "deploy it to this service" in parked[2].reason
    assert "many" not in parked[3].reason


def test_a_foreign_message_is_parked_once_by_its_content(doubling):
    inbox = Inbox(doubling)

    first = inbox.park("referrals.police/0/1", {}, b"{", "not JSON")
    again = inbox.park("referrals.police/1/7", {}, b"{", "not JSON")

    assert first == again
    assert len(inbox.parked()) == 1


def test_a_message_on_the_wire_is_what_is_stored(counting):
    count(counting, uuid4(), 1)
    (told,) = counting.tell(0)

    message = wire.to_message(told)

    assert wire.from_message(message) == told
    assert message.body == told.body


def test_a_changed_migration_is_refused(database, tmp_path):
    script = tmp_path / "001_first.sql"
    script.write_text("CREATE TABLE one (id int)")
    assert database.migrate("trial", [script]) == ["001_first.sql"]
    assert database.migrate("trial", [script]) == []
    script.write_text("CREATE TABLE two (id int)")

    with pytest.raises(StoreError, match="put the old text back"):
        database.migrate("trial", [script])


def test_time_is_never_moved_so_far_that_nothing_can_be_counted(database):
    from datetime import timedelta

    with pytest.raises(RefusedError, match="400 days"):
        database.advance(timedelta(days=999_999_999))

    assert database.now().year == 2026


def test_time_of_real_data_cannot_be_moved(postgres_url):
    from datetime import timedelta

    real = Database(postgres_url)
    real.open()
    real.migrate("fengqiao", [])

    with pytest.raises(RefusedError, match="only a sample's can"):
        real.advance(timedelta(days=1))
    real.close()


def _none(*_: object) -> Callable[..., object]:
    raise AssertionError("no foreign message here")


def test_doubled_is_what_was_counted_twice():
    assert Count().evolve(Doubled(number=4)).numbers == (4,)
