"""A relay that starts again repeats what it said, also within one batch of a hearer."""

from __future__ import annotations

from itertools import chain

from pydantic_core import to_json

from services.audit.service import AuditService
from shared.events.audit import EventsHeard
from shared.events.base import Recorded
from shared.events.database import Database
from shared.events.inbox import Inbox
from shared.events.wire import Told, positions_of
from shared.region import Region
from tests.delivery.intake_given import an_intake
from tests.stories.cases import NEIGHBOURS, POLICE


def test_what_is_repeated_within_one_batch_is_heard_once(database: Database) -> None:
    said = intakes_events(database, disputes=3)
    audit = AuditService(database, Region.load("sample"))
    audit.migrate()
    inbox, source = Inbox(audit), positions_of("intake", said[0].store, 0)

    inbox.receive({source: [*said, *said[:2]]})
    inbox.receive({source: said})

    histories = [audit.history(told.dispute) for told in said]
    assert sorted(chain(*map(versions, histories))) == [1, 1, 1]
    assert inbox.stored_position(source) == said[-1].position
    audit.close()


def intakes_events(database: Database, disputes: int) -> list[Told]:
    with an_intake(database) as intake:
        for number in range(disputes):
            told = {"sender": POLICE, "reference": f"r-{number}", **NEIGHBOURS}
            intake.refer(to_json(told), channel="http")
        return intake.tell(after=0)


def versions(history: list[Recorded]) -> list[int]:
    """The versions of what audit heard of a dispute, each as often as it did."""
    heard = [e.event for e in history if isinstance(e.event, EventsHeard)]
    return [told.version for event in heard for told in event.heard]
