"""An older copy is put back while Kafka has gone on: nothing doubled, nothing unsaid.

What came by topic is taken again by itself; what came by HTTP after the copy is told, so
that it can be asked for. The ledger holds what was sent and what was answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from pydantic_core import to_json

from deploy.local.kafka import LocalKafka
from deploy.offsets import set_back
from services.backup import aftermath, restoring
from services.backup.making import Databases, keys_beside, make_copy
from services.backup.restoring import Wish, put_back
from services.compose import House
from services.databases import LocalDatabases
from services.going_on import go_on
from services.settings import Settings
from shared.events import restored
from shared.events.errors import RefusedError
from tests.stories.cases import FENGDONG, NEIGHBOURS, POLICE, VILLAGE
from tests.stories.kafka_world import KafkaWorld
from tests.stories.world import wait_until

MANY = 8


class Ledger:
    """What was sent, by which way, and under which code it was acknowledged."""

    def __init__(self) -> None:
        self.codes: dict[str, str] = {}
        self.on_topic: list[str] = []
        self.by_http: list[str] = []

    @property
    def sent(self) -> set[str]:
        return {*self.on_topic, *self.by_http}

    def refer_by_http(self, world: KafkaWorld, reference: str) -> str:
        self.by_http.append(reference)
        answer = world.post("intake", "/referrals", _referral(reference))
        assert answer.is_success, answer.text
        code = answer.json()["code"]
        assert self.codes.setdefault(reference, code) == code
        return reference

    def refer_on_topic(self, world: KafkaWorld, reference: str) -> str:
        self.on_topic.append(reference)
        told = to_json(_referral(reference))
        world.say("referrals.police", {"ce_source": POLICE}, told)
        return reference

    def note_codes(self, world: KafkaWorld) -> None:
        for reference, code in stored(world.house).items():
            assert self.codes.setdefault(reference, code) == code


class Past:
    """A product that was copied, went on, and lost what it knew since the copy."""

    def __init__(self, folder: Path) -> None:
        self.data, self.target = folder / "data", folder / "copy"
        self.ledger = Ledger()

    def world(self) -> KafkaWorld:
        return KafkaWorld(self.data)

    def happens(self) -> None:
        """Before, during and after the copy, by HTTP and on topics."""
        ledger = self.ledger
        with self.world() as world:
            self.settings = world.settings
            for n in range(MANY):
                ledger.refer_by_http(world, f"before-http-{n}")
                ledger.refer_on_topic(world, f"before-topic-{n}")
            world.settle()
            ledger.note_codes(world)
            accept_by_http(world, ledger.codes["before-http-0"])
            with ThreadPoolExecutor(1) as meanwhile:
                sent = meanwhile.submit(self._goes_on, world)
                self._is_copied(world)
                sent.result()
            for n in range(MANY):
                ledger.refer_on_topic(world, f"after-topic-{n}")
                ledger.refer_by_http(world, f"after-http-{n}")
            world.settle()
            ledger.note_codes(world)
            self.accepted_by_http = ledger.codes["before-http-1"]
            accept_by_http(world, self.accepted_by_http)
            self.accepted = [
                ledger.codes[f"{when}-topic-{n}"]
                for when in ("before", "after")
                for n in range(3)
            ]
            for code in self.accepted:
                accept_on_topic(world, code)
            world.settle()
            assert {stage(world, code) for code in self.accepted} == {"in_hand"}

    def _goes_on(self, world: KafkaWorld) -> None:
        for n in range(MANY):
            self.ledger.refer_by_http(world, f"during-http-{n}")
            self.ledger.refer_on_topic(world, f"during-topic-{n}")

    def _is_copied(self, world: KafkaWorld) -> None:
        house = world.house
        places = Databases(
            house.database.conninfo, house.keystore_url, world.product.bootstrap
        )
        self.copy = make_copy(
            world.settings, places, self.target, keys_beside(self.target)
        )

    def hearers_read_from_the_beginning(self, hearer: str, speaker: str) -> None:
        """They meet the time that was given up, as when a broker forgot their offsets."""
        broker = LocalKafka(self.data / "kafka").bootstrap
        asyncio.run(set_back(broker, f"{hearer}-hears", speaker, {}))

    def is_put_back(self) -> None:
        settings = Settings.model_validate({"data": self.data})
        put_back(settings, Wish(self.target, keys_beside(self.target), aside=True))


@pytest.fixture(scope="module")
def past() -> Iterator[Past]:
    """Not below pytest's own folder, which it closes to the user of the database."""
    with TemporaryDirectory(prefix="fengqiao-", ignore_cleanup_errors=True) as folder:
        found = Past(Path(folder))
        with LocalKafka(found.data / "kafka"):  # goes on, whatever becomes of the rest
            found.happens()
            yield found


def test_an_older_copy_catches_up_without_a_double_or_a_gap(past: Past) -> None:
    ledger = past.ledger
    past.is_put_back()
    past.hearers_read_from_the_beginning("escalation", "intake")
    past.hearers_read_from_the_beginning("audit", "escalation")
    with past.world() as world:
        wait_until(lambda: not restored.is_catching_up(world.house.database), "it all")
        world.settle()

        there = stored(world.house)
        missing = ledger.sent - there.keys()
        assert {*ledger.on_topic} <= there.keys()
        assert missing >= {f"after-http-{n}" for n in range(MANY)}
        assert {stage(world, code) for code in past.accepted} == {"in_hand"}
        assert parked(world) == 0

        assert_heard_once_by_everybody(world.house)
        left = aftermath.look(world.house)
        assert {each.reference for each in left.disputes} == missing
        assert [(each.dispute, each.what) for each in left.acts] == [
            (past.accepted_by_http, "handoff.accepted")
        ]
        assert left.gone == 0

        for reference in sorted(missing):
            ledger.refer_by_http(world, reference)
        accept_by_http(world, past.accepted_by_http)
        for n in range(MANY):
            ledger.refer_by_http(world, f"later-http-{n}")
            ledger.refer_on_topic(world, f"later-topic-{n}")
        world.settle()
        ledger.note_codes(world)

        assert stored(world.house).keys() == ledger.sent
        assert not aftermath.look(world.house).needs_a_person
        assert parked(world) == 0
        assert_heard_once_by_everybody(world.house)
        assert stage(world, ledger.codes["later-topic-0"]) == "offered"


def test_a_copy_put_back_by_other_means_is_refused_until_it_is_marked(
    past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restoring, "mark", lambda *_: 0)
    past.is_put_back()
    monkeypatch.undo()

    broker = LocalKafka(past.data / "kafka").bootstrap
    with a_house(past.settings) as house:
        with pytest.raises(RefusedError, match="restored --mark") as refused:
            go_on(house, broker)
        assert refused.value.reason == "topic-ahead"

        aftermath.mark_restored(house)
        go_on(house, broker)

        assert restored.is_catching_up(house.database)
        assert {row.next for row in restored.rereads(house.database)} == {0}
        told = {each.reference for each in aftermath.look(house).disputes}
        assert told == past.ledger.sent - stored(house).keys()


@contextmanager
def a_house(settings: Settings) -> Iterator[House]:
    """The data of a product that does not run."""
    databases = LocalDatabases(settings)
    url, keys = databases.start()
    house = House(settings, database_url=url, keystore_url=keys)
    try:
        house.migrate()
        yield house
    finally:
        house.close()
        databases.stop()


def _referral(reference: str) -> dict[str, Any]:
    place = FENGDONG if reference.startswith("during") else NEIGHBOURS["place"]
    return {
        "sender": POLICE,
        "reference": reference,
        **NEIGHBOURS,
        "place": place,
    }


def _accept(code: str) -> dict[str, str]:
    return {
        "command_id": f"accept-{code}",
        "command": "accept",
        "by": VILLAGE,
        "person": "mediator-101",
    }


def accept_by_http(world: KafkaWorld, code: str) -> None:
    answer = world.post("escalation", f"/disputes/{code}/commands", _accept(code))
    assert answer.is_success, answer.text


def accept_on_topic(world: KafkaWorld, code: str) -> None:
    told = to_json({"code": code, "command": _accept(code)})
    world.say("answers.other", {"ce_source": VILLAGE}, told)


def stored(house: House) -> dict[str, str]:
    """The sender's number of each dispute, and its code."""
    return dict(house.database.read("SELECT reference, code FROM intake.receipts"))


def stage(world: KafkaWorld, code: str) -> str:
    query = "SELECT stage FROM escalation.custody WHERE code = %s"
    return str(world.house.database.read(query, [code])[0][0])


def parked(world: KafkaWorld) -> int:
    return sum(len(inbox.parked()) for inbox in world.house.inboxes().values())


def assert_heard_once_by_everybody(house: House) -> None:
    """Nobody misses an event, and nobody reacted to one twice."""
    for name in ("intake", "routing", "escalation", "notifications"):
        for query in (_NOT_HEARD, _HEARD_UNSAID):
            assert house.database.read(query.format(name=name)) == []  # type: ignore[arg-type]
    assert house.database.read(_HEARD_TWICE) == []
    assert house.database.read(_WITHOUT_CUSTODY) == []
    assert house.database.read(_CUSTODY_OF_NOTHING) == []
    assert house.database.read(_REGISTERED_TWICE) == []


_NOT_HEARD = """
    SELECT originator_id, originator_version FROM {name}.{name}_events
    WHERE topic NOT IN
    ('dispute.learned.v1', 'pack.adopted.v1', 'directory.found.v1') EXCEPT
    SELECT e.originator_id, (heard ->> 'version')::bigint FROM audit.audit_events e,
    jsonb_path_query(convert_from(state, 'UTF8')::jsonb, '$.data.heard[*]') heard
    WHERE heard ->> 'speaker' = '{name}'
"""
_HEARD_UNSAID = """
    SELECT e.originator_id, (heard ->> 'version')::bigint FROM audit.audit_events e,
    jsonb_path_query(convert_from(state, 'UTF8')::jsonb, '$.data.heard[*]') heard
    WHERE heard ->> 'speaker' = '{name}'
    EXCEPT SELECT originator_id, originator_version FROM {name}.{name}_events
"""
_HEARD_TWICE = """
    SELECT originator_id, heard ->> 'speaker', heard ->> 'version'
    FROM audit.audit_events,
    jsonb_path_query(convert_from(state, 'UTF8')::jsonb, '$.data.heard[*]') heard
    GROUP BY 1, 2, 3 HAVING count(*) > 1
"""
_WITHOUT_CUSTODY = """
    SELECT dispute FROM intake.receipts EXCEPT SELECT dispute FROM escalation.custody
"""
_CUSTODY_OF_NOTHING = """
    SELECT dispute FROM escalation.custody EXCEPT SELECT dispute FROM intake.receipts
"""
_REGISTERED_TWICE = """
    SELECT originator_id FROM intake.intake_events WHERE topic = 'dispute.registered.v1'
    GROUP BY 1 HAVING count(*) > 1
"""
