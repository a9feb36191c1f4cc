"""Proposing a pack: it is proved and tried here, so that nobody brings their own paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from pathlib import Path
from typing import NamedTuple

from services.routing import proof
from services.routing.backtest.draft import Draft as Tried
from services.routing.backtest.kept import Kept
from services.routing.backtest.past import Histories, Past
from services.routing.backtest.report import backtest
from services.routing.packs import Pack, check_places
from services.routing.publishing import Archive, Content, Publishing
from services.routing.publishing.commands import Draft, Wish
from services.routing.publishing.people import Person
from services.routing.publishing.refusals import refused
from shared.events.errors import RefusedError
from shared.events.rules import Backtest, Certificate
from shared.region import Region

MOST_TOLD = 20
FILE = Path("backtest") / "past.duckdb"
"""Where the past lies in columns, below the folder of data."""


class NotProvedError(RefusedError):
    """A pack is not proposed, because its proof failed; `errors` say where and how."""

    def __init__(self, found: proof.Certificate) -> None:
        words = "its certificate did not pass; mend what is named and propose again"
        super().__init__("rules-certificate-failed", words, pack=found.version)
        self.errors = [
            {"field": f.table or f.code, "reason": f.code, "zh": f.zh, "en": f.en}
            for f in found.failures[:MOST_TOLD]
        ]


class Proposing(NamedTuple):
    """What a proposal is made with. `past` opens every decision up to now, in columns."""

    publishing: Publishing
    kept: Kept
    past: Callable[[], AbstractContextManager[Past]]

    def propose(
        self, who: Person, wish: Wish, tried: Tried, command: str | None = None
    ) -> int:
        """The number of a proposal with fresh grounds. Raises why not; nothing changes.

        The same `command` again leads to the proposal of the first time.
        """
        _must_be_of(tried)
        self.publishing.consider(who, wish)
        archive = self.kept.archive
        draft = Draft(
            **dict(wish),
            certificate=certificate(archive, tried.pack, tried.region, wish.valid_from),
            backtest=self._tried(tried),
        )
        self.kept.keep(tried)
        return self.publishing.propose(who, draft, command)

    def _tried(self, tried: Tried) -> Backtest:
        with self.past() as past:
            found = backtest(past, tried)
        self.kept.archive.put(found.digest, Content.BACKTEST, found.attached)
        return found.published


def certificate(archive: Archive, pack: Pack, region: Region, day: date) -> Certificate:
    """A passed certificate of that day, kept. Raises `NotProvedError`."""
    found = proof.check(pack, region, day)
    if not found.passed:
        raise NotProvedError(found)
    archive.put(found.digest, Content.CERTIFICATE, found.attached)
    return Certificate(
        digest=found.digest,
        pack=pack.digest,
        directory=region.digest,
        passed=found.passed,
        summary=found.summary,
    )


@contextmanager
def whole_past(
    data: Path, routing: Histories, escalation: Histories, *, gently: bool = False
) -> Iterator[Past]:
    """Every decision up to now; `gently` leaves the machine to those who wait for it.

    Raises `RefusedError` while another process has it.
    """
    past = Past(data / FILE)
    try:
        if gently:
            past.database.execute("SET threads = 1; SET memory_limit = '40%'")
        past.catch_up(routing, escalation)
        yield past
    finally:
        past.close()


def _must_be_of(tried: Tried) -> None:
    pack, region = tried.pack, tried.region
    if pack.region != region.code:
        facts = {"version": pack.version, "found": pack.region, "region": region.code}
        raise refused("another-region", **facts)
    check_places(pack, region)
