"""Notifications as a service: hears intake and escalation, queues notices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import ClassVar

from services.notifications import policy, projection
from services.notifications.channels import Channel
from services.notifications.domain import Correspondence
from services.notifications.learning import LEARNS_FROM
from services.notifications.messages import messages
from services.notifications.names import RegionNames
from services.notifications.table import notice_table
from shared.bodies import ChannelKind
from shared.events.base import DomainEvent, Recorded
from shared.events.database import Database
from shared.events.store import Changed, Service, Statement
from shared.keystore import KeyStore
from shared.region import Region


class NotificationsService(Service):
    """Who is to be told what, and what became of it. `sender.py` does the telling."""

    name = "notifications"
    empty = Correspondence()
    hears: ClassVar[frozenset[str] | None] = notice_table().events | LEARNS_FROM

    def __init__(
        self,
        database: Database,
        region: Region,
        keystore: KeyStore,
        channels: Mapping[ChannelKind, Channel],
    ) -> None:
        super().__init__(database)
        self.region, self.keystore, self.channels = region, keystore, channels
        self.names = RegionNames(region)
        self.table, self.messages = notice_table(), messages()

    def react(
        self, heard: Recorded, state: Correspondence, at: datetime
    ) -> Iterable[DomainEvent]:
        return policy.react(heard, state, self.table)

    def project(self, changed: Changed) -> Iterable[Statement]:
        return projection.rows(changed)
