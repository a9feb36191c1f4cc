"""One process of the product on memory: the services are made as everywhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.audit.names import RuleWords
from services.compose import FOREIGN, HEARS, House
from services.notifications.channels import ChannelError, Letter
from services.routing.packs import PackDecider, Shelf
from services.routing.service import RoutingService
from services.settings import Settings
from shared.bodies import ChannelKind
from shared.calendar import load_calendar
from shared.events.kafka import KafkaCarrier, Relay
from shared.events.store import Service
from shared.region import Region
from shared.sealing import Key
from tests.simulation.broker import Poll
from tests.simulation.memory import StandIn

if TYPE_CHECKING:
    from tests.simulation.world import World

REGION, CALENDAR = Region.load("sample"), load_calendar()
SHELF = Shelf.shipped(REGION)
DECIDER = PackDecider(SHELF.packs[-1])
SETTINGS = Settings()


class Keys(StandIn):
    """Stands in for the key store: every key can be told from its id."""

    index_key = sha256(b"index").digest()

    def keys_for(self, ids: Sequence[UUID]) -> dict[UUID, Key]:
        return {id: self.get(id) for id in ids}

    def have_at_hand(self, ids: Iterable[UUID]) -> None:
        """They always are."""

    def get(self, id: UUID) -> Key:
        return Key(id, sha256(id.bytes).digest())


class Recipients:
    """Stands in for every channel: counts letters, and sometimes takes none."""

    def __init__(self, world: World) -> None:
        self._world = world

    def send(self, letter: Letter) -> None:
        if self._world.choices.one_in(8):
            raise ChannelError("unreachable", retry=True)
        self._world.sent(letter.notice)


class MemoryHouse(House):
    """Services on what survives this process; a fault of the release can be in them."""

    def __init__(self, world: World) -> None:
        self.settings, self._publish = SETTINGS, None
        self.database: Any = world.database
        self.region, self.calendar = REGION, CALENDAR
        self._made, self._relays = {}, dict[str, Relay]()
        self._world = world

    @cached_property
    def keystore(self) -> Any:
        return Keys()

    @property
    def rule_words(self) -> RuleWords:
        versions = {pack.version: pack.words for pack in SHELF.packs}
        return RuleWords(SHELF.words, versions)

    @cached_property
    def carrier(self) -> KafkaCarrier:
        return KafkaCarrier("memory", "simulation", self._world.failed)

    @cached_property
    def polls(self) -> dict[str, Poll]:
        """The subscriptions of the service that this process runs, by topic."""
        broker: Any = self.carrier._broker
        polls = [Poll(self._world.topics, s) for s in broker.subscriptions]
        return {topic: poll for poll in polls for topic in poll.of.topics}

    def relay(self, name: str) -> Relay:
        """The one relay of a store that this process has."""
        if name not in self._relays:
            service = self.inbox(name).service
            self._relays[name] = Relay(service, "memory", "simulation")
        return self._relays[name]

    def subscribe(self, name: str) -> None:
        if HEARS[name]:
            self.carrier.hear(self.inbox(name), HEARS[name])
        for topic, reader in FOREIGN.items():
            if reader == name:
                group = f"{name}-from-{topic}"
                self.carrier.enter(topic, group, self.entrance(name))

    @property
    def _makers(self) -> dict[str, Callable[[], Service]]:
        makers = {**super()._makers, "routing": self._routing}
        return {n: lambda n=n, m=m: self._kept(n, m()) for n, m in makers.items()}

    def _routing(self) -> Service:
        return RoutingService(self.database, REGION, lambda: SHELF)

    def _kept(self, name: str, service: Service) -> Service:
        service.histories = self._world.histories[name]
        react, faulty = service.react, self._world.faulty

        def reacts(heard: Any, state: Any, at: datetime) -> Any:
            if (name, heard.id) in faulty:
                raise ZeroDivisionError("a fault of this release")
            return react(heard, state, at)

        service.react = reacts
        return service

    def _channels(self) -> Any:
        return dict.fromkeys(ChannelKind, Recipients(self._world))
