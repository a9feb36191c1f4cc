"""The publications of a region, in routing's own store.

They have a stream of their own there, and so the same recorder, positions and relay as
routing's decisions. Which day it is, the database's clock tells.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from threading import Lock
from time import monotonic
from typing import ClassVar, cast
from uuid import uuid4

from psycopg.errors import InvalidSchemaName, UndefinedTable

from services.routing.publishing import commands
from services.routing.publishing.commands import SOFTWARE, Draft, Wish
from services.routing.publishing.domain import Publications
from services.routing.publishing.held import Held, held
from services.routing.publishing.people import Authority, Person
from shared.calendar import SHANGHAI
from shared.events.base import Actor, DomainEvent, Recorded, State
from shared.events.database import Database
from shared.events.rules import Certificate, PackProposed, rules_stream
from shared.events.store import Service

LOOK_AFTER = 1.0
"""Seconds after which a running process looks whether something was published."""

Make = Callable[[Publications], Sequence[DomainEvent]]


class Publishing(Service):
    """What people do with the rules of a region. Hears nobody."""

    name: ClassVar[str] = "routing"
    empty: ClassVar[State] = Publications()
    hears: ClassVar[frozenset[str] | None] = frozenset()

    def __init__(self, database: Database, region: str) -> None:
        super().__init__(database)
        self.stream = rules_stream(region)
        self._seen: tuple[float, Publications] | None = None
        self._looking = Lock()

    # What is known

    def newest(self) -> Publications:
        """Everything published up to now."""
        return cast(Publications, self.state(self.stream))

    def so_far(self) -> Publications:
        """As `newest`; nothing before the very first start, which makes the store."""
        try:
            return self.newest()
        except (UndefinedTable, InvalidSchemaName):
            return Publications()

    def noticed(self) -> Publications:
        """As `newest`, but the store is asked once a second at most."""
        with self._looking:
            at, seen = self._seen or (None, None)
            if seen is None or at is None or monotonic() - at >= LOOK_AFTER:
                seen = self.newest()
                self._seen = monotonic(), seen
            return seen

    def held(self) -> list[Held]:
        """Which pack was, is and will be in force when."""
        return held(self.history(self.stream))

    def today(self) -> date:
        """The legal day it is now."""
        return self.database.now().astimezone(SHANGHAI).date()

    # What people do

    def adopt(self, pack: str, version: str, directory: str) -> None:
        """Begin with what was shipped, if nothing was ever begun with; see `adopt`."""
        known = self.newest()
        if known.adopted and known.directory == directory:
            return
        itself = Person(by=SOFTWARE, person="start")
        self._do(itself, lambda s: commands.adopt(s, pack, version, directory), None)

    def consider(self, who: Person, wish: Wish) -> None:
        """Raises what stands against a proposal before its grounds are made."""
        commands.consider(self.newest(), who, wish, self.today())

    def propose(self, who: Person, draft: Draft, command: str | None = None) -> int:
        """The number of the new proposal. Raises `RefusedError`."""
        today = self.today()
        done = self._do(who, lambda s: commands.propose(s, who, draft, today), command)
        return next(r.event.proposal for r in done if isinstance(r.event, PackProposed))

    def approve(self, who: Authority, number: int, command: str | None = None) -> None:
        self._do(who, lambda s: commands.approve(s, who, number), command)

    def reject(
        self, who: Authority, number: int, reason: str, command: str | None = None
    ) -> None:
        self._do(who, lambda s: commands.reject(s, who, number, reason), command)

    def publish(self, who: Authority, number: int, command: str | None = None) -> None:
        today = self.today()
        self._do(who, lambda s: commands.publish(s, who, number, today), command)

    def withdraw(
        self, who: Authority, number: int, reason: str, command: str | None = None
    ) -> None:
        today = self.today()
        self._do(
            who, lambda s: commands.withdraw(s, who, number, reason, today), command
        )

    def publish_directory(
        self,
        who: Authority,
        directory: str,
        version: str,
        reason: str,
        certificates: Sequence[Certificate],
        command: str | None = None,
    ) -> None:
        today = self.today()

        def make(state: Publications) -> Sequence[DomainEvent]:
            return commands.publish_directory(
                state, who, directory, version, reason, certificates, today
            )

        self._do(who, make, command)

    def _do(self, who: Person, make: Make, command: str | None) -> list[Recorded]:
        """Carry out a command once under its id, if it was given one."""
        actor = Actor(body=who.by, person=who.person, role="rules")
        return self.decide(
            self.stream, f"rules/{command or uuid4()}", make, actor=actor
        )
