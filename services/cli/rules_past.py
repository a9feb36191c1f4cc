"""What commands about rules need of the past: its columns, and rules of any age."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import NamedTuple, cast

from services.cli.rules_desk import Desk, a_desk
from services.declined_rows import past_of
from services.routing.backtest.draft import Draft
from services.routing.backtest.kept import Kept, shadow_of
from services.routing.backtest.past import Past
from services.routing.backtest.reproducing import Library
from services.routing.backtest.shadow import Shadow
from services.routing.service import RoutingService
from shared.events.histories import Histories


class Archives(NamedTuple):
    """Rules and directories of any age, and the history that names them."""

    desk: Desk
    routing: RoutingService

    @property
    def histories(self) -> Histories:
        return self.routing.histories

    @property
    def kept(self) -> Kept:
        return Kept(self.desk.archive, self.desk.house.region)

    @property
    def library(self) -> Library:
        return self.kept.library

    @property
    def shadow(self) -> Shadow:
        return shadow_of(self.routing)

    def keep(self, draft: Draft) -> None:
        """Keep a draft, so that every process finds it."""
        self.kept.keep(draft)


@contextmanager
def archives() -> Iterator[Archives]:
    with a_desk() as desk:
        yield Archives(desk, cast(RoutingService, desk.house.inbox("routing").service))


def the_past(archives: Archives) -> AbstractContextManager[Past]:
    """Every decision up to now, in columns."""
    return past_of(archives.desk.house)
