"""An intake over a fresh database, with a key store of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from services.intake.service import IntakeService
from shared.calendar import load_calendar
from shared.events.database import Database
from shared.keystore import KeyStore
from shared.masterkey import MasterKey
from tests.unit.intake_given import REGION


@contextmanager
def an_intake(database: Database) -> Iterator[IntakeService]:
    master = MasterKey(os.urandom(32))
    keystore = KeyStore(database.conninfo, master)
    keystore.migrate()
    service = IntakeService(database, REGION, load_calendar(), keystore)
    service.migrate()
    try:
        yield service
    finally:
        service.close()
        keystore.close()


def stored(database: Database) -> list[tuple[str, bytes]]:
    """Every event that intake recorded, in order: its name and its bytes."""
    rows = database.read(
        "SELECT topic, state FROM intake.intake_events ORDER BY notification_id"
    )
    return [(topic, bytes(state)) for topic, state in rows]
