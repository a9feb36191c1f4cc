"""How a notice can go: by the channels of a body, or by a party's contact."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from services.notifications.domain import Correspondence, Notice
from services.notifications.service import NotificationsService
from shared.bodies import ChannelKind
from shared.events.notifications import Addressee
from shared.keystore import KeyMissingError
from shared.sealing import unseal

PARTIES = "parties"
"""The folder of letters to parties, who have no registered channel."""

_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")


class Way(NamedTuple):
    """A kind of channel and the address there. The address may be a party's."""

    kind: ChannelKind
    address: str


def ways_to(
    service: NotificationsService,
    dispute: UUID,
    notice: Notice,
    state: Correspondence,
) -> list[Way]:
    """The ways that this process can use, the preferred one first; maybe none.

    Raises `KeyStoreAwayError` if a party's contact cannot be opened now.
    """
    if notice.party is None:
        ways = _ways_to_body(service, notice)
    else:
        ways = _ways_to_party(service, dispute, state.addressee(notice.party))
    return [way for way in ways if way.kind in service.channels]


def have_keys_at_hand(
    service: NotificationsService, states: Iterable[Correspondence]
) -> None:
    """Find the keys of all contacts with one question, if they are to be opened."""
    if _opens_contacts(service):
        service.keystore.have_at_hand({key for state in states for key in state.keys})


def _opens_contacts(service: NotificationsService) -> bool:
    """Without a mail server no contact tells anything, and none is opened."""
    return ChannelKind.EMAIL in service.channels


def _ways_to_body(service: NotificationsService, notice: Notice) -> list[Way]:
    ways = [Way(c.kind, c.address) for c in service.region.channels(notice.to)]
    if not service.messages.template[notice.template].receipt:
        return ways
    topic = service.table.receipt_topic(notice.facts.get("source", ""))
    return [way._replace(address=topic) if _is_topic(way) else way for way in ways]


def _is_topic(way: Way) -> bool:
    return way.kind is ChannelKind.TOPIC


def _ways_to_party(
    service: NotificationsService, dispute: UUID, party: Addressee | None
) -> list[Way]:
    drop = Way(ChannelKind.FILE, PARTIES)
    if party is None or not _opens_contacts(service):
        return [drop]
    contact = _contact(service, dispute, party)
    if _EMAIL.fullmatch(contact):
        return [Way(ChannelKind.EMAIL, contact), drop]
    return [drop]


def _contact(service: NotificationsService, dispute: UUID, party: Addressee) -> str:
    """The contact as it was given; empty if there is none, or its key is gone."""
    if party.contact is None:
        return ""
    try:
        key = service.keystore.get(party.contact.key)
    except KeyMissingError:
        return ""
    return unseal(key, party.contact, f"{dispute}/party-{party.number}/contact")
