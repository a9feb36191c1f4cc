"""Copies of the embedded product: whole or refused, put back with nothing lost or undone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from typer.testing import CliRunner

from services.backup import destroyed, making
from services.backup.errors import BackupError
from services.backup.making import Copy, Databases, keys_beside, make_copy
from services.backup.restoring import Wish, examined, put_back, try_out
from services.cli import app
from services.embedded import Embedded
from services.settings import Settings
from shared.events import restored
from shared.events.base import Actor
from shared.events.database import Database
from shared.events.inbox import Inbox
from shared.events.lines import Lines, begin_new_line
from shared.events.wire import positions_of
from shared.keystore import KeyMissingError
from tests.delivery.counting import Counted, Counting, Doubling
from tests.stories.cases import NEIGHBOURS, POLICE, VILLAGE


class Office:
    """A small embedded product: its data, its copies, and what is sent to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = settings_for(folder / "data")

    @contextmanager
    def running(self) -> Iterator[Embedded]:
        with Embedded(self.settings) as product:
            yield product

    def copy(self, product: Embedded, name: str) -> Copy:
        places = Databases(product.house.database.conninfo, product.house.keystore_url)
        target = self.folder / name
        return make_copy(self.settings, places, target, keys_beside(target))

    def put_back(self, name: str, **wished: Any) -> Any:
        target = self.folder / name
        return put_back(self.settings, Wish(target, keys_beside(target), **wished))


def settings_for(data: Path) -> Settings:
    return Settings.model_validate({"data": data, "http_port": 0})


def refer(product: Embedded, reference: str) -> dict[str, Any]:
    """A neighbours' quarrel as the police refer it by HTTP; its receipt."""
    told = {"sender": POLICE, "reference": reference, **NEIGHBOURS}
    return send(product, "/referrals", told)


def accept(product: Embedded, code: str) -> None:
    command = {"command": "accept", "by": VILLAGE, "person": "mediator-101"}
    told = {"command_id": f"accept-{code}", **command}
    send(product, f"/disputes/{code}/commands", told)


def send(product: Embedded, path: str, told: object) -> dict[str, Any]:
    assert product.http
    url = f"http://127.0.0.1:{product.http.port}{path}"
    response = httpx.post(url, json=told, timeout=30)
    assert response.is_success, response.text
    found: dict[str, Any] = response.json()
    return found


def known(product: Embedded, table: str = "intake.receipts") -> set[str]:
    """The sender's numbers of everything registered."""
    rows = product.house.database.read(f"SELECT reference FROM {table}")  # type: ignore[arg-type]
    return {row[0] for row in rows}


def party_keys(product: Embedded, code: str) -> list[UUID]:
    house = product.house
    query = "SELECT dispute FROM intake.receipts WHERE code = %s"
    ((dispute,),) = house.database.read(query, [code])
    (registered, *_) = house.intake.history(dispute)
    return [party.key for party in registered.event.parties]


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    """Two disputes were copied, then the keys of the first were destroyed and a third came."""
    with TemporaryDirectory(prefix="fengqiao-", ignore_cleanup_errors=True) as folder:
        found = Office(Path(folder))
        with found.running() as product:
            found.codes = [refer(product, f"copied-{n}")["code"] for n in (1, 2)]
            product.settle()
            accept(product, found.codes[0])
            product.settle()
            found.made = found.copy(product, "week")
            found.destroyed = party_keys(product, found.codes[0])
            for key in found.destroyed:
                product.house.keystore.destroy(key)
            refer(product, "after-the-copy")
            product.settle()
            found.later = found.copy(product, "later")
        yield found


def test_a_copy_tells_what_it_holds_and_is_sound(office: Office) -> None:
    found = examined(Wish(office.made.folder, office.made.keys_folder))
    try_out(found)

    assert found.data.disputes == 2
    assert found.data.stores.keys() == {
        "intake",
        "routing",
        "escalation",
        "notifications",
        "audit",
    }
    assert all(store.last_position for store in found.data.stores.values())
    assert found.data.tables["intake.intake_events"] == 2
    assert not any(table.startswith("keys.") for table in found.data.tables)
    assert found.keys and found.keys.keys == 2 * 3  # two parties and a narrative each


def test_the_master_key_is_in_no_copy_and_keys_are_apart(office: Office) -> None:
    secret = office.settings.master_key.read_bytes().strip()
    for folder in (office.made.folder, office.made.keys_folder):
        for path in (folder, *folder.iterdir()):
            assert path.stat().st_mode & 0o077 == 0
        assert all(secret not in file.read_bytes() for file in folder.iterdir())
    names = {file.name for file in office.made.folder.iterdir()}
    assert making.KEYS not in names


@pytest.mark.parametrize("harm", ["flip", "cut", "lose", "forge"])
def test_a_damaged_copy_is_refused(office: Office, tmp_path: Path, harm: str) -> None:
    folder = shutil.copytree(office.made.folder, tmp_path / "copy")
    dump = folder / making.DATA
    content = dump.read_bytes()
    match harm:
        case "flip":
            middle = len(content) // 2
            flipped = bytes([content[middle] ^ 1])
            dump.write_bytes(content[:middle] + flipped + content[middle + 1 :])
        case "cut":
            dump.write_bytes(content[:-100])
        case "lose":
            dump.unlink()
        case "forge":
            manifest = folder / "manifest.json"
            manifest.write_text(
                manifest.read_text().replace('"disputes": 2', '"disputes": 3')
            )

    assert refused(lambda: examined(Wish(folder, None))) == "backup-damaged"


def test_a_place_that_is_not_fit_is_refused(office: Office, tmp_path: Path) -> None:
    def reason(target: Path, keys: Path | None = None) -> str:
        places = Databases("dbname=none", "dbname=none")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(making, "size_of", lambda _: 1000)
            keys = keys or keys_beside(target)
            return refused(lambda: make_copy(office.settings, places, target, keys))

    assert reason(office.made.folder) == "backup-exists"
    assert reason(office.settings.data / "copy") == "backup-inside-data"
    assert reason(tmp_path / "no-disk" / "copy") == "backup-no-parent"
    assert reason(tmp_path / "a", tmp_path / "a" / "keys") == "backup-not-apart"


def test_no_room_is_told_before_anything_is_written(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "size_of", lambda _: 10**18)
    places = Databases("dbname=none", "dbname=none")
    target = tmp_path / "copy"

    found = refused(
        lambda: make_copy(office.settings, places, target, keys_beside(target))
    )
    assert found == "backup-no-room"
    assert list(tmp_path.iterdir()) == []


def test_a_copy_that_fails_half_way_leaves_nothing(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "copy"
    with office.running() as product:
        places = Databases(product.house.database.conninfo, "dbname=none host=/nowhere")
        monkeypatch.setattr(making, "size_of", lambda _: 1000)
        with pytest.raises(psycopg.OperationalError):
            make_copy(office.settings, places, target, keys_beside(target))
    assert list(tmp_path.iterdir()) == []


def test_data_is_never_overwritten_and_goes_on_after_being_put_back(
    office: Office,
) -> None:
    assert refused(lambda: office.put_back("week")) == "backup-not-empty"
    with office.running():
        assert refused(lambda: office.put_back("week", aside=True)) == (
            "backup-still-running"
        )

    done = office.put_back("week", aside=True)

    assert done.destroyed_again == len(office.destroyed) == 2
    assert done.aside and (done.aside / "cluster" / "PG_VERSION").is_file()
    with office.running() as product:
        assert known(product) == {"copied-1", "copied-2"}
        refer(product, "after-the-copy")
        accept(product, office.codes[1])
        product.settle()
        assert known(product) == {"copied-1", "copied-2", "after-the-copy"}
        assert_every_event_is_heard_once(product)
        assert_still_destroyed(product, office)
        assert not restored.is_catching_up(product.house.database)


def test_destroyed_keys_do_not_come_back_into_an_empty_place(
    office: Office, tmp_path: Path
) -> None:
    data = office.folder / "elsewhere"
    elsewhere = Office(office.folder)
    elsewhere.settings = settings_for(data)

    assert refused(lambda: elsewhere.put_back("week")) == "backup-no-master-key"
    (data / "keys").mkdir(parents=True)
    shutil.copy(office.settings.master_key, data / "keys")
    assert refused(lambda: elsewhere.put_back("week")) == "backup-maybe-destroyed"
    assert not (data / "postgres").exists()

    done = elsewhere.put_back("week", destroyed=[office.later.folder])

    assert done.destroyed_again == 2
    with elsewhere.running() as product:
        assert_still_destroyed(product, office)
        (alive, *_) = party_keys(product, office.codes[1])
        assert product.house.keystore.get(alive)


def test_keys_of_another_time_or_master_are_refused(
    office: Office, tmp_path: Path
) -> None:
    older = Wish(office.later.folder, office.made.keys_folder)
    assert refused(lambda: examined(older)) == "backup-keys-older"
    assert examined(Wish(office.made.folder, office.later.keys_folder)).keys

    stranger = settings_for(tmp_path / "data")
    without = Wish(office.made.folder, None)
    assert refused(lambda: put_back(stranger, without)) == "backup-no-keys"
    from shared.masterkey import MasterKey

    MasterKey.load_or_create(stranger.master_key)
    wish = Wish(office.made.folder, office.made.keys_folder, nothing_later=True)
    assert refused(lambda: put_back(stranger, wish)) == "backup-other-master-key"


def test_by_command_a_copy_is_made_tried_and_put_back(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FENGQIAO_DATA", str(office.settings.data))
    target = office.folder / "by-command"

    made = run("backup", str(target), "--json")
    assert made["keys_folder"] == str(keys_beside(target))
    assert (
        run("restore", str(target), "--dry-run", "--json")["disputes"]
        == (made["disputes"])
    )
    done = run("restore", str(target), "--aside", "--json")
    assert done["as_of"] == made["as_of"]
    found = run("restored", "--json")
    assert found["as_of"] and found["lost_disputes"] == []


def test_a_store_put_back_has_a_new_name_and_says_again_what_is_unheard(
    database: Database,
) -> None:
    speaking, hearing = Counting(database), Doubling(database)
    for service in (speaking, hearing):
        service._scripts = list  # type: ignore[method-assign]
        service.migrate()
    database.migrate("fengqiao", [restored.SCRIPT])
    clerk = Actor(body="court-zhuji", person="clerk-7")
    disputes = [UUID(int=n) for n in (0, 1, 2, 3)]  # one in each partition
    for n, dispute in enumerate([*disputes, *disputes]):
        said = Counted(number=n)
        speaking.decide(dispute, str(n), lambda _, s=said: [s], actor=clerk)
    before = speaking.tell(0)
    heard = {0: before[4], 1: before[1], 2: before[6], 3: before[7]}
    for number, last in heard.items():
        remember(database, positions_of("counting", last.store, number), last.position)
    publish(database, {-1: before[7].position})

    hears = {"counting": (), "doubling": ("counting",)}
    begin_new_line(database, hears, {"counting": 4}, as_of=None, how="other")

    renamed = Counting(database)
    after = renamed.tell(0)
    assert after[0].store != before[0].store
    assert restored.given_up(database, "counting") == {before[0].store}
    ((again,),) = database.read(
        "SELECT position FROM counting.relayed WHERE partition = -1"
    )
    assert again == before[5].position - 1  # the first that partition 1 has not heard
    inbox = Inbox(Doubling(database))
    for number, last in heard.items():
        place = positions_of("counting", after[0].store, number)
        assert inbox.stored_position(place) == last.position
    lines = Lines(database)
    assert lines.ours({"old": before, "new": after}) == {"new": after}
    for service in (speaking, hearing, renamed, inbox.service):
        service.close()


def test_clocks_wait_until_what_was_said_meanwhile_is_taken_again(
    database: Database,
) -> None:
    database.migrate("fengqiao", [restored.SCRIPT])
    assert not restored.is_catching_up(database)

    number = begin_new_line(database, {}, {"x": 4}, as_of=None, how="other")
    assert restored.is_catching_up(database)

    again = [restored.Reread("reader", "answers.police", n, 5, 7) for n in (0, 1)]
    restored.begun(database, number, again, [])
    restored.has_read(database, "reader", "answers.police", {0: 7, 1: 6})
    assert restored.is_catching_up(database)

    restored.has_read(database, "reader", "answers.police", {1: 7})
    assert not restored.is_catching_up(database)


def remember(database: Database, place: str, position: int) -> None:
    with database.transaction() as cursor:
        cursor.execute(
            "INSERT INTO doubling.doubling_positions VALUES (%s, %s)", (place, position)
        )


def publish(database: Database, positions: dict[int, int]) -> None:
    with database.transaction() as cursor:
        cursor.executemany(
            "INSERT INTO counting.relayed VALUES (%s, %s)", sorted(positions.items())
        )


def run(*arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def refused(action: Any) -> str:
    with pytest.raises(BackupError) as error:
        action()
    return str(error.value.reason)


def assert_still_destroyed(product: Embedded, office: Office) -> None:
    for key in office.destroyed:
        with pytest.raises(KeyMissingError, match="destroyed"):
            product.house.keystore.get(key)
    assert set(destroyed.in_store(product.house.keystore_url)) >= {*office.destroyed}


def assert_every_event_is_heard_once(product: Embedded) -> None:
    """Audit holds each event of every other service exactly once."""
    said, audit = set(), product.house.audit
    for name in ("intake", "routing", "escalation", "notifications"):
        service = product.house.inbox(name).service
        said |= {(t.speaker, t.dispute, t.version) for t in service.tell(0, 100_000)}
    heard = [
        (each.speaker, dispute, each.version)
        for dispute in {dispute for _, dispute, _ in said}
        for recorded in audit.history(dispute)
        for each in recorded.event.heard
    ]
    assert len(heard) == len(set(heard))
    assert set(heard) == said
