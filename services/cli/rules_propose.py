"""Proposing a pack: it is proved and tried here, so that nobody brings their own paper."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import typer

from services.cli.options import Json
from services.cli.rules_desk import By, Desk, Why
from services.cli.rules_past import Archives, archives, the_past
from services.cli.rules_publish import tell
from services.cli.words import both
from services.routing import proof
from services.routing.backtest.draft import Draft as Tried
from services.routing.backtest.report import backtest
from services.routing.packs import Pack, check_places
from services.routing.publishing import Content
from services.routing.publishing.commands import Draft, Person, Wish
from services.routing.publishing.refusals import refused
from shared.events.errors import RefusedError
from shared.events.rules import Backtest, Certificate
from shared.region import Region

MOST_TOLD = 20

Proposed = Annotated[str, typer.Argument(help=both("rules.pack"))]
From = Annotated[
    datetime | None,
    typer.Option("--from", help=both("rules.from"), formats=["%Y-%m-%d"]),
]
Until = Annotated[
    datetime | None,
    typer.Option(
        "--emergency-until",
        help=both("rules.emergency_until"),
        formats=["%Y-%m-%d"],
    ),
]


class NotProvedError(RefusedError):
    """A pack is not proposed, because its proof failed; `errors` say where and how."""

    def __init__(self, found: proof.Certificate) -> None:
        words = "its certificate did not pass; mend what is named and propose again"
        super().__init__("rules-certificate-failed", words, pack=found.version)
        self.errors = [
            {"field": f.table or f.code, "reason": f.code, "zh": f.zh, "en": f.en}
            for f in found.failures[:MOST_TOLD]
        ]


def propose(
    pack: Proposed,
    by: By,
    why: Why,
    first: From = None,
    emergency_until: Until = None,
    as_json: Json = False,
) -> None:
    with archives() as kept:
        desk, drafted = kept.desk, Pack.load(pack)
        tried = Tried(drafted, desk.house.region)
        wish = Wish(
            pack=drafted.digest,
            version=drafted.version,
            reason=why,
            valid_from=first.date() if first else drafted.valid_from,
            until=_last(emergency_until, drafted),
            emergency=emergency_until is not None,
            most_days=desk.house.settings.emergency_days,
            own_from=drafted.valid_from,
            own_until=drafted.valid_to,
        )
        who = desk.person(by)
        number = proposed(kept, who, wish, tried)
        tell(desk.publishing.newest(), number, as_json)


def proposed(kept: Archives, who: Person, wish: Wish, tried: Tried) -> int:
    """The number of a proposal with fresh grounds. Raises why not; nothing changes."""
    desk = kept.desk
    _must_be_of(tried)
    desk.publishing.consider(who, wish)
    draft = Draft(
        **dict(wish),
        certificate=certificate(desk, tried.pack, tried.region, wish.valid_from),
        backtest=_backtest(kept, tried),
    )
    kept.keep(tried)
    return desk.publishing.propose(who, draft)


def _must_be_of(tried: Tried) -> None:
    pack, region = tried.pack, tried.region
    if pack.region != region.code:
        facts = {"version": pack.version, "found": pack.region, "region": region.code}
        raise refused("another-region", **facts)
    check_places(pack, region)


def certificate(desk: Desk, pack: Pack, region: Region, day: date) -> Certificate:
    """A passed certificate of that day, kept. Raises `NotProvedError`."""
    found = proof.check(pack, region, day)
    if not found.passed:
        raise NotProvedError(found)
    desk.archive.put(found.digest, Content.CERTIFICATE, found.attached)
    return Certificate(
        digest=found.digest,
        pack=pack.digest,
        directory=region.digest,
        passed=found.passed,
        summary=found.summary,
    )


def _backtest(kept: Archives, tried: Tried) -> Backtest:
    with the_past(kept) as past:
        found = backtest(past, tried)
    kept.desk.archive.put(found.digest, Content.BACKTEST, found.attached)
    return found.published


def _last(emergency: datetime | None, pack: Pack) -> date | None:
    return emergency.date() if emergency else pack.valid_to
