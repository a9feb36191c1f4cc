"""What putting back a copy left undone: what was lost, and who can say it again.

What came by topic is taken again by itself. What came by HTTP or in a file after the
copy can only be asked for; as far as it had been published, the topics still tell whom.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import psycopg

from services.backup.errors import BackupError
from services.backup.marking import mark
from services.compose import House
from services.going_on import SPEAKERS
from shared.calendar import SHANGHAI
from shared.events import restored
from shared.events.lost import Lost, still_lost
from shared.events.restored import Restoration
from shared.events.tail import CARRIED
from shared.region import Region

REGISTERED = "dispute.registered"


class LostDispute(NamedTuple):
    """A registration that is known from its topic only: its sender is to send it again."""

    code: str
    sender: str
    sender_id: str
    reference: str
    at: str

    def cells(self) -> tuple[str, ...]:
        return self.code, self.sender, self.reference, self.at


class LostAct(NamedTuple):
    """Something else that a body or an official did, to be done again."""

    dispute: str
    what: str
    body: str
    body_id: str
    at: str

    def cells(self) -> tuple[str, ...]:
        return self.dispute, self.what, self.body, self.at


@dataclass(frozen=True)
class Aftermath:
    """How things stand since a copy was put back, if one ever was."""

    restoration: Restoration | None
    stores: dict[str, int]
    catching_up: bool
    gone: int
    disputes: list[LostDispute]
    acts: list[LostAct]

    @property
    def needs_a_person(self) -> bool:
        return bool(self.disputes or self.acts or self.gone)

    def facts(self) -> dict[str, Any]:
        found = self.restoration
        if found is None:
            return {}
        return {
            "restored_at": _local(found.restored_at),
            "as_of": _local(found.as_of) if found.as_of else "—",
            **{f"store_{name}": f"@ {last}" for name, last in self.stores.items()},
            "catching_up": self.catching_up,
            "gone_messages": self.gone,
        }

    def as_json(self) -> dict[str, Any]:
        return {
            **self.facts(),
            "lost_disputes": [each._asdict() for each in self.disputes],
            "lost_acts": [each._asdict() for each in self.acts],
        }


def look(house: House) -> Aftermath:
    """How things stand now."""
    database = house.database
    found = restored.latest(database)
    lost = still_lost(database, SPEAKERS) if found else []
    registered = [each for each in lost if each.name.startswith(REGISTERED)]
    missing = {each.dispute: each.code or "—" for each in registered}
    acts = [each for each in lost if each not in registered]
    return Aftermath(
        restoration=found,
        stores=restored.retired(database, found.number) if found else {},
        catching_up=restored.is_catching_up(database),
        gone=sum(row.gone for row in restored.rereads(database)),
        disputes=[_dispute(each, house.region) for each in registered],
        acts=[_act(each, house, missing) for each in acts],
    )


def mark_restored(house: House) -> None:
    """Mark data that was put back by other means. Raises if a service still runs."""
    with psycopg.connect(house.database.conninfo, autocommit=True) as connection:
        held = {"up": CARRIED, **{name: f"fengqiao/relay/{name}" for name in SPEAKERS}}
        for name, lock in held.items():
            row = connection.execute(
                "SELECT pg_try_advisory_lock(hashtext(%s))", [lock]
            ).fetchone()
            if not row or not row[0]:
                raise BackupError("service-runs", service=name)
        mark(house.database, None)


def _dispute(lost: Lost, region: Region) -> LostDispute:
    return LostDispute(
        lost.code or "—",
        _name(lost.body, region),
        lost.body,
        lost.reference or "—",
        _local(lost.occurred_at),
    )


def _act(lost: Lost, house: House, missing: dict[UUID, str]) -> LostAct:
    code = missing.get(lost.dispute) or _code(house, lost.dispute)
    what = lost.name.rpartition(".")[0]
    body = _name(lost.body, house.region)
    return LostAct(code, what, body, lost.body, _local(lost.occurred_at))


def _code(house: House, dispute: UUID) -> str:
    rows = house.database.read(
        "SELECT code FROM intake.receipts WHERE dispute = %s", [dispute]
    )
    return str(rows[0][0]) if rows else str(dispute)


def _name(body: str, region: Region) -> str:
    found = region.bodies.get(body)
    return found.name if found else body


def _local(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
