"""Proposing a pack: what people say, and the pack with its own days."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import typer

from services.cli.options import Json
from services.cli.rules_desk import By, Why, a_desk
from services.cli.rules_publish import tell
from services.cli.words import both
from services.declined_rows import proposing_of
from services.routing.backtest.draft import Draft as Tried
from services.routing.packs import Pack
from services.routing.publishing.commands import Wish

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


def propose(
    pack: Proposed,
    by: By,
    why: Why,
    first: From = None,
    emergency_until: Until = None,
    as_json: Json = False,
) -> None:
    with a_desk() as desk:
        drafted = Pack.load(pack)
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
        number = proposing_of(desk.house).propose(who, wish, tried)
        tell(desk.publishing.newest(), number, as_json)


def _last(emergency: datetime | None, pack: Pack) -> date | None:
    return emergency.date() if emergency else pack.valid_to
