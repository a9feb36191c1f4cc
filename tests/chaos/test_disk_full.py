"""The database's disk is full: refused with a clear word, read as before, and it goes on.

Three ways to be full: a quota, the system's own word for a full disk, and no room even
for the server's log, over which the server itself falls.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import psycopg
import pytest

from deploy.local.postgres import EmbeddedPostgres
from tests.chaos.disk import LOG_SEGMENT, no_file_above, swell
from tests.chaos.ledger import Ledger, Referral
from tests.stories.cases import NEIGHBOURS, POLICE
from tests.stories.embedded_world import EmbeddedWorld
from tests.stories.world import wait_until

_NO_ROOM = """
CREATE FUNCTION {0}.no_room() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE 'No space left on device' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER no_room BEFORE INSERT ON {0}.{0}_events EXECUTE FUNCTION {0}.no_room();
"""
_ROOM = "DROP FUNCTION {0}.no_room() CASCADE"
"""What a server answers to an insert when its file system is full, and no longer."""


class Crammed:
    """A product in one process whose database runs out of room, and a sender."""

    _numbers = count()

    def __init__(self, world: EmbeddedWorld, ledger: Ledger) -> None:
        self.world, self.ledger = world, ledger

    @property
    def server(self) -> EmbeddedPostgres:
        found = self.world.product.databases.server
        assert found
        return found

    def refer(self) -> httpx.Response:
        """Ask once for another referral to be registered."""
        said = Referral(POLICE, f"full-{next(self._numbers)}-{self.ledger.seed}")
        told = {**said._asdict(), **NEIGHBOURS}
        self.ledger.sent(said)
        url = f"{self.world.url('intake')}/referrals"
        answer = httpx.post(url, json=told, timeout=60)
        if answer.is_success:
            self.ledger.acknowledged(said, answer.text)
        return answer

    def refer_until_refused(self) -> httpx.Response:
        """Send one after another; the first answer that is no receipt."""
        while (answer := self.refer()).status_code == httpx.codes.CREATED:
            pass
        return answer

    def heard(self) -> int:
        """How many disputes escalation knows of."""
        found = "SELECT count(*) FROM escalation.custody"
        return int(self.world.house.database.read(found)[0][0])

    def quota(self, service: str) -> AbstractContextManager[None]:
        return no_file_above(self.server, swell(self.server, service))

    def no_log(self) -> AbstractContextManager[None]:
        """The log's own files cannot be written to their end."""
        return no_file_above(self.server, LOG_SEGMENT // 16)

    @contextmanager
    def full(self, service: str) -> Iterator[None]:
        """Inserts into a service's events fail as on a full disk."""
        self._told(_NO_ROOM.format(service))
        yield
        self._told(_ROOM.format(service))

    def _told(self, sql: str) -> None:
        with psycopg.connect(self.server.url, autocommit=True) as connection:
            connection.execute(sql.encode())


@pytest.fixture(scope="module")
def world() -> Iterator[EmbeddedWorld]:
    """Not below pytest's own folder, which it closes to the user of the database."""
    with (
        TemporaryDirectory(prefix="fengqiao-", ignore_cleanup_errors=True) as folder,
        EmbeddedWorld(Path(folder)) as found,
    ):
        yield found


@pytest.fixture
def crammed(world: EmbeddedWorld, ledger: Ledger) -> Iterator[Crammed]:
    """At its end all is at rest and as it should be, and no part of it has ended."""
    yield Crammed(world, ledger)
    world.settle()
    account = ledger.account(world)
    print(account.table())  # noqa: T201 shown when it fails
    account.must_be_clean()
    assert world.failures == []


@pytest.mark.parametrize("how", ["quota", "full"])
def test_intake_says_that_the_disk_is_full_and_goes_on_when_there_is_room(
    crammed: Crammed, how: str
) -> None:
    first = crammed.refer().json()
    ways = {"quota": crammed.quota, "full": crammed.full}
    with ways[how]("intake"):
        answer = crammed.refer_until_refused()
        read = httpx.get(f"{crammed.world.url('intake')}/referrals/{first['code']}")

    problem = answer.json()
    assert answer.status_code == 507
    assert problem["type"] == "urn:fengqiao:problem:database-full"
    assert "磁盘" in problem["detail"] and "disk" in problem["detail_en"]
    assert answer.headers["Retry-After"]
    assert read.json() == first
    assert crammed.refer().status_code == 201


@pytest.mark.parametrize("how", ["quota", "full"])
def test_what_cannot_be_recorded_is_heard_when_there_is_room(
    crammed: Crammed, how: str
) -> None:
    crammed.refer()
    crammed.world.settle()
    ways = {"quota": crammed.quota, "full": crammed.full}
    before = crammed.heard()
    with ways[how]("escalation"):
        sent = 0
        while crammed.heard() >= before + sent:
            assert crammed.refer().status_code == 201
            sent += 1
    wait_until(lambda: crammed.heard() == before + sent, "all that was sent")


def test_without_room_for_its_log_the_server_falls_and_comes_back(
    crammed: Crammed,
) -> None:
    crammed.refer()
    with crammed.no_log():
        answer = crammed.refer_until_refused()
    assert answer.status_code in (503, 507), answer.text

    wait_until(lambda: crammed.refer().is_success, "a server with room for its log")
