"""Events on their way: relays publish, and services hear, late, twice or from before."""

from __future__ import annotations

from contextlib import suppress

from services.compose import CLOCK, FOREIGN, HEARS
from shared.events.errors import DatabaseAwayError
from shared.events.kafka import WHOLE_STORE
from shared.events.tail import hear
from shared.events.wire import positions_of
from tests.simulation.house import MemoryHouse
from tests.simulation.memory import MemoryHistories
from tests.simulation.still import run
from tests.simulation.world import Broken, World

PAGES = (500, 1, 1, 2, 5)


class Carrying:
    """Carries by Kafka or embedded, whichever the world has."""

    def __init__(self, world: World) -> None:
        self.world, self.choices = world, world.choices

    def hears(self) -> None:
        found = [
            (name, topics)
            for name in HEARS
            for topics in self.heard_by(name)
            if any(self._something_new(name, topic) for topic in topics)
        ]
        if found:
            hearer, topics = self.choices.one_of(found)
            limit = self.choices.one_of(PAGES)
            self.hear(hearer, topics, self.world.either(), limit)

    def _something_new(self, hearer: str, topic: str) -> bool:
        if self.world.on_kafka:
            return self.world.topics.has_more(f"{hearer}-", topic)
        histories = self.world.histories
        heard = histories[hearer].positions.get(_source(histories[topic]), 0)
        return heard < len(histories[topic].rows)

    def heard_by(self, name: str) -> list[tuple[str, ...]]:
        """What a service hears at once: one speaker, or on Kafka also all."""
        found = [(speaker,) for speaker in HEARS[name]]
        if self.world.on_kafka:
            found += [HEARS[name]] if len(found) > 1 else []
            found += [(topic,) for topic, reader in FOREIGN.items() if reader == name]
        return found

    def hear(
        self, hearer: str, topics: tuple[str, ...], number: int, limit: int
    ) -> None:
        with self.world.process(hearer, number) as house:
            if self.world.on_kafka:
                self._poll(house, topics, limit)
            else:
                self._hear_embedded(house, hearer, topics[0], limit)

    def _hear_embedded(
        self, house: MemoryHouse, hearer: str, speaker: str, limit: int
    ) -> None:
        self.world.histories[speaker].page = limit
        with suppress(DatabaseAwayError):
            before = {**self.world.histories[hearer].positions}
            count = hear(house.inbox(hearer), house.inbox(speaker).service)
            if count:
                self.world.say(f"{hearer} hears {count} of {speaker}")
                if before == self.world.histories[hearer].positions:
                    raise Broken("whoever heard something has moved on", hearer)

    def _poll(self, house: MemoryHouse, topics: tuple[str, ...], limit: int) -> None:
        poll = house.polls[topics[0]]
        if records := poll.fetch(topics, limit):
            places = ", ".join(f"{r.topic}/{r.partition}/{r.offset}" for r in records)
            self.world.say(f"{poll.of.group} gets {places}")
            try:
                run(poll.hand_over(records))
            finally:  # it may be time to commit at any moment
                run(house.carrier.commit())

    def hears_again(self) -> None:
        """A partition goes back, as after an offset that was not committed."""
        found = [
            (who, poll, topic)
            for who in self.world.alive()
            if self.world.on_kafka and who[0] != CLOCK
            for topic, poll in self.world.house(who).polls.items()
            if poll.place(topic, 0)
        ]
        if found:
            who, poll, topic = self.choices.one_of(found)
            offset = self.choices.below(poll.place(topic, 0))
            self.world.say(f"{who} goes back to {topic}/0/{offset}")
            poll.goes_back_to(topic, 0, offset)

    def relays(self) -> None:
        histories, tables = self.world.histories, self.world.database.tables
        found = [
            name
            for name in HEARS
            if name != "audit"
            and tables[f"{name}.relayed"].get(WHOLE_STORE, {"position": 0})["position"]
            < len(histories[name].rows)
        ]
        if self.world.on_kafka and found:
            name = self.choices.one_of(found)
            histories[name].page = self.choices.one_of(PAGES)
            self.world.say(f"{name} publishes")
            self.world.relay(name, self.world.either())


def _source(speaker: MemoryHistories) -> str:
    return positions_of(speaker.name, speaker.store_id, 0)
