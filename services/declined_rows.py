"""Rows of the rules that are declined too often: what looks at them, put together."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import timedelta
from functools import partial
from typing import cast

from services.compose import House
from services.routing.backtest.kept import Kept
from services.routing.backtest.looking import Looking
from services.routing.backtest.past import Past
from services.routing.backtest.proposing import Proposing, whole_past
from services.routing.backtest.raising import Raising
from services.routing.backtest.suggesting import Threshold
from services.routing.service import RoutingService
from services.settings import Settings


def past_of(house: House, *, gently: bool = False) -> AbstractContextManager[Past]:
    """Every decision up to now, in columns; see `whole_past`."""
    routing = cast(RoutingService, house.inbox("routing").service)
    by_hand = house.escalation.histories
    return whole_past(house.settings.data, routing.histories, by_hand, gently=gently)


def proposing_of(house: House, *, gently: bool = False) -> Proposing:
    """What proves, tries and proposes packs here."""
    kept = Kept(house.archive, house.region)
    return Proposing(house.publishing, kept, partial(past_of, house, gently=gently))


def raising_of(house: House, *, gently: bool = False) -> Raising:
    """What proposes changes of rows that are declined too often."""
    return Raising(proposing_of(house, gently=gently), house.rules.shelf)


def threshold_of(settings: Settings) -> Threshold:
    return Threshold(settings.decline_percent, settings.decline_uses)


def looking_of(house: House) -> Looking:
    """What looks once in a while by itself, and lets those who wait go first."""
    return Looking(
        cast(RoutingService, house.inbox("routing").service).histories,
        raising_of(house, gently=True),
        threshold_of(house.settings),
        timedelta(hours=house.settings.decline_look_hours),
    )
