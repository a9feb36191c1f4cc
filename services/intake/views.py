"""Receipts, kept beside the events for looking them up."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any
from uuid import UUID

from services.intake.receipt import Holder, NextClock, Receipt, notes_on
from shared.calendar import SHANGHAI
from shared.events.base import Recorded
from shared.events.database import Database
from shared.events.errors import UnknownDisputeError
from shared.events.intake import DisputeRegistered
from shared.events.store import Changed, Statement, in_one_order
from shared.region import Region

_INSERT = """
    INSERT INTO intake.receipts
    SELECT * FROM jsonb_populate_recordset(null::intake.receipts, %s)
    ON CONFLICT (dispute) DO NOTHING
"""
_SELECT = """
    SELECT dispute, code, sender, reference, registered_at, holder, clock, due,
        provisional, legal_basis, place_told, place
    FROM intake.receipts
"""


def rows(changed: Changed) -> Iterator[Statement]:
    """The receipts of what was registered now."""
    found = [
        _row(recorded, recorded.event)
        for _, (_, said) in in_one_order(changed)
        for recorded in said
        if isinstance(recorded.event, DisputeRegistered)
    ]
    if found:
        yield _INSERT, found


def known(database: Database, disputes: Collection[UUID]) -> set[UUID]:
    """Those of these disputes that are registered."""
    rows = database.read(
        "SELECT dispute FROM intake.receipts WHERE dispute = ANY(%s)", [list(disputes)]
    )
    return {UUID(str(row[0])) for row in rows}


def receipts(
    database: Database, region: Region, disputes: Collection[UUID]
) -> dict[UUID, Receipt]:
    """The receipts of these disputes; those that are not registered have none."""
    rows = database.read(_SELECT + " WHERE dispute = ANY(%s)", [list(disputes)])
    found = [_receipt(row, region) for row in rows]
    return {receipt.dispute: receipt for receipt in found}


def receipt_by_code(database: Database, region: Region, code: str) -> Receipt:
    """Raises `UnknownDisputeError`."""
    code = _kept(code.upper())
    rows = database.read(_SELECT + " WHERE code = %s", [code])
    if not rows:
        raise UnknownDisputeError(code)
    return _receipt(rows[0], region)


def receipt_by_reference(
    database: Database, region: Region, sender: str, reference: str
) -> Receipt:
    """Raises `UnknownDisputeError`."""
    told = [_kept(sender), _kept(reference)]
    rows = database.read(_SELECT + " WHERE sender = %s AND reference = %s", told)
    if not rows:
        raise UnknownDisputeError(reference)
    return _receipt(rows[0], region)


def _kept(told: str) -> str:
    """Text as a database can compare it: what cannot be stored was never registered."""
    return "".join(c for c in told.strip() if c.isprintable())


def _row(recorded: Recorded, event: DisputeRegistered) -> dict[str, object]:
    clock = event.first_clock
    return {
        "dispute": recorded.dispute,
        "code": event.code,
        "sender": event.facts.sender,
        "reference": event.reference,
        "registered_at": recorded.recorded_at,
        "holder": event.first_contact,
        "clock": clock.name,
        "due": clock.due,
        "provisional": clock.provisional,
        "legal_basis": clock.terms.legal_basis,
        "place_told": event.place_told,
        "place": event.facts.place,
    }


def _receipt(row: Sequence[Any], region: Region) -> Receipt:
    dispute, code, sender, reference, at, holder, clock, due, provisional, law = row[
        :10
    ]
    place_told, place = row[10:]
    body = region.bodies.get(str(holder))
    return Receipt.model_validate(
        {
            "code": code,
            "dispute": dispute,
            "sender": sender,
            "reference": reference,
            "received_at": at.astimezone(SHANGHAI),
            "holder": Holder(
                id=str(holder),
                name=body.name if body else str(holder),
                name_en=body.name_en if body else str(holder),
            ),
            "next_clock": NextClock.model_validate(
                {
                    "name": clock,
                    "due": due.astimezone(SHANGHAI),
                    "provisional": provisional,
                    "legal_basis": law,
                }
            ),
            "notes": notes_on(place_told, place),
        }
    )
