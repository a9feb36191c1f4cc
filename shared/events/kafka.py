"""Events over Kafka: the only file that knows FastStream and aiokafka.

A relay publishes what a store recorded; batch subscribers hand it to the hearers.
Effectively once in our databases, at least once on the wire. Nothing about disputes is
decided here. No setting is left to a default.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import wraps
from time import monotonic
from typing import Any, NamedTuple, ParamSpec, TypeVar, cast

import psycopg
import structlog
from aiokafka import AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage

from shared.events import watch, wire
from shared.events.errors import (
    DatabaseAwayError,
    FengqiaoError,
    MalformedMessageError,
)
from shared.events.failpoints import reach
from shared.events.inbox import Inbox
from shared.events.lines import Lines
from shared.events.loop import Pause
from shared.events.store import Service
from shared.events.wire import Message, Told, positions_of

log = structlog.get_logger()

Anything = ParamSpec("Anything")
Result = TypeVar("Result")

LARGEST_MESSAGE = 12 * 1024 * 1024
WHOLE_STORE = -1
SAID_AGAIN = 5_000
"""How many events a relay repeats when it starts, or finds the broker gone: one that
lost its power may have lost what it acknowledged, and hearers drop what they know."""

CLIENT: dict[str, Any] = {
    "request_timeout_ms": 15_000,
    "retry_backoff_ms": 200,
    "metadata_max_age_ms": 60_000,
    "connections_max_idle_ms": 540_000,
}
PRODUCER: dict[str, Any] = {
    **CLIENT,
    "acks": "all",
    "enable_idempotence": True,
    "linger_ms": 0,
    "compression_type": None,
    "max_batch_size": 1024 * 1024,
    "max_request_size": LARGEST_MESSAGE,
}
BROKER: dict[str, Any] = {
    **PRODUCER,
    "allow_auto_create_topics": False,
    "graceful_timeout": 10.0,
    "apply_types": False,
    "logger": None,
}
SUBSCRIBER: dict[str, Any] = {
    "batch": True,
    "max_records": 1000,
    "batch_timeout_ms": 500,
    "auto_offset_reset": "earliest",
    "ack_policy": AckPolicy.MANUAL,
    "isolation_level": "read_committed",
    "session_timeout_ms": 10_000,
    "heartbeat_interval_ms": 3_000,
    "rebalance_timeout_ms": 30_000,
    "max_poll_interval_ms": 600_000,
    "fetch_max_wait_ms": 500,
    "fetch_min_bytes": 1,
    "fetch_max_bytes": 4 * LARGEST_MESSAGE,
    "max_partition_fetch_bytes": LARGEST_MESSAGE,
    "check_crcs": True,
    "max_workers": None,
}
PATIENT: dict[str, Any] = {"fetch_min_bytes": 200_000, "fetch_max_wait_ms": 250}
"""For those who only tell and keep: nobody waits for them, and fewer, larger batches
cost a fraction."""

FEW, BREATH, LONG_BREATH = 100, 0.01, 0.25
"""After a page of few events a relay waits so many seconds for more to publish at once."""

SEND_WITHIN = 20.0

COMMIT_WITHIN = 5.0
COMMIT_EVERY = 1.0
"""Seconds after which offsets of what was processed are committed. They only say where a
group goes on: what comes again is dropped by our own positions."""

REMEMBER_EVERY = 0.2
"""Seconds after which a relay writes down how far it got; it repeats more than that."""

LOOK_AGAIN = 0.5
"""Seconds after which a relay looks for news that nobody rang for."""

FROZEN_AFTER = 60
"""Seconds after which a relay that does nothing loses its lock to another."""


class Foreign(NamedTuple):
    """A message from outside, as it lay on its topic. `body` is None for a tombstone."""

    topic: str
    partition: int
    offset: int
    headers: dict[str, str]
    body: bytes | None

    @property
    def place(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


Entrance = Callable[[Sequence[Foreign]], None]
"""Takes messages from outside, each once or parked. Raises only `DatabaseAwayError`."""


class KafkaCarrier:
    """One process's part in carrying events by Kafka: its relay and its subscribers.

    `first` is done before anything is carried, as soon as the broker is there. If it
    refuses, or a part ends for any reason but `stop`, `failed` is called, which is to
    end the process: a consumer that is silently gone would keep its partitions.
    """

    def __init__(
        self,
        bootstrap: str,
        client: str,
        failed: Callable[[str], None],
        first: Callable[[], None] = lambda: None,
    ) -> None:
        self._first = first
        self.bootstrap, self._client, self._failed = bootstrap, client, failed
        self._broker = KafkaBroker(bootstrap, client_id=client, **BROKER)
        self._relays: list[Relay] = []
        self._processed: list[Processed] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = asyncio.Event()

    def hear(
        self, inbox: Inbox, speakers: Sequence[str], *, patient: bool = False
    ) -> None:
        """Hand every event on the speakers' topics to a service, in order and once.

        With `patient` it may be a quarter of a second later, and more at once.
        """
        lines = Lines(inbox.service.database)

        def heard(records: Sequence[ConsumerRecord]) -> None:
            _hear(inbox, lines, records)

        settings = {**SUBSCRIBER, **PATIENT} if patient else SUBSCRIBER
        self._subscribe(speakers, f"{inbox.service.name}-hears", heard, settings)

    def enter(self, topic: str, group: str, entrance: Entrance) -> None:
        """Hand every message of a foreign topic to an entrance."""

        def entered(records: Sequence[ConsumerRecord]) -> None:
            entrance([_foreign(record) for record in records])

        self._subscribe([topic], group, entered)

    def relay(self, service: Service, *, patient: bool = False) -> None:
        """Publish what this service records, on the topic of its name."""
        gathers = LONG_BREATH if patient else BREATH
        relay = Relay(service, self.bootstrap, f"{self._client}-relay", gathers)
        self._relays.append(relay)

    async def start(self) -> None:
        pause = Pause()
        while True:
            try:
                await self._begin()
                await self._broker.start()
                break
            except (KafkaError, OSError, DatabaseAwayError) as error:
                watch.broker_error(error)
                log.warning("broker_away", error=type(error).__name__)
                with suppress(Exception):
                    await asyncio.wait_for(self._broker.stop(), 5)
                if await self._stopped_within(pause.next()):
                    return
        for relay in self._relays:
            self._watch(relay.run(self._stopping), "relay")
        self._watch(self._watch_subscribers(), "watch")

    async def _begin(self) -> None:
        try:
            await asyncio.to_thread(self._first)
        except FengqiaoError as error:
            if not isinstance(error, DatabaseAwayError):
                log.error("cannot_begin", why=str(error))
                self._failed("first")
            raise

    async def stop(self) -> None:
        self._stopping.set()
        await self.commit()
        with suppress(Exception):
            await asyncio.wait_for(self._broker.stop(), 8)
        for task in self._tasks:
            with suppress(asyncio.CancelledError, Exception):
                await asyncio.wait_for(task, 5)

    async def commit(self) -> None:
        """Commit the offsets of what has been processed since the last time."""
        for processed in self._processed:
            await processed.commit()

    def _subscribe(
        self,
        topics: Sequence[str],
        group: str,
        handle: Callable[[Sequence[ConsumerRecord]], None],
        settings: Mapping[str, Any] = SUBSCRIBER,
    ) -> None:
        processed = Processed()
        self._processed.append(processed)

        def handled(records: Sequence[ConsumerRecord]) -> None:
            handle(records)
            reach("before-acknowledge", group)

        async def on_batch(message: KafkaMessage) -> None:
            records = cast("tuple[ConsumerRecord, ...]", message.raw_message)
            try:
                await self._in_thread(handled, records)
            except asyncio.CancelledError:
                return
            processed.note(message.consumer, records)

        # The library swallows what a parser or handler raises, and moves on: a message
        # would be lost until the next start. So whatever is raised ends the process.
        name = f"{group} on {', '.join(topics)}"
        subscriber = self._broker.subscriber(
            *topics,
            group_id=group,
            parser=self._or_fail(name, _unread),
            decoder=_as_it_is,
            **settings,
        )
        _note_polls(subscriber, group)
        subscriber(self._or_fail(name, on_batch))

    def _or_fail(
        self, name: str, work: Callable[Anything, Awaitable[Result]]
    ) -> Callable[Anything, Awaitable[Result]]:
        @wraps(work)
        async def watched(*values: Anything.args, **named: Anything.kwargs) -> Result:
            try:
                return await work(*values, **named)
            except Exception as error:
                log.error("handler_ended", handler=name, error=type(error).__name__)
                self._failed(name)
                raise

        return watched

    async def _in_thread(self, work: Callable[..., object], *values: object) -> None:
        """Do blocking work; while the database is away, wait and do it again."""
        pause = Pause()
        while True:
            try:
                await asyncio.to_thread(work, *values)
                return
            except DatabaseAwayError:
                log.warning("database_away", client=self._client)
                if await self._stopped_within(pause.next()):
                    raise asyncio.CancelledError from None

    async def _stopped_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
        return self._stopping.is_set()

    def _watch(self, work: Any, name: str) -> None:
        async def watched() -> None:
            try:
                await work
            except asyncio.CancelledError:
                raise
            except BaseException as error:
                log.error("task_ended", task=name, error=type(error).__name__)
            if not self._stopping.is_set():
                self._failed(name)

        self._tasks.append(asyncio.create_task(watched(), name=name))

    async def _watch_subscribers(self) -> None:
        """End, and with it the process, when a consume loop has ended."""
        while not await self._stopped_within(COMMIT_EVERY):
            await self.commit()
            for subscriber in self._broker.subscribers:
                tasks = getattr(subscriber, "tasks", [])
                if subscriber.running and tasks and all(task.done() for task in tasks):
                    raise RuntimeError("a consume loop has ended")


class Processed:
    """How far a subscription has processed its partitions, and not yet committed."""

    def __init__(self) -> None:
        self._consumer: Any = None
        self._next: dict[TopicPartition, int] = {}

    def note(self, consumer: Any, records: Iterable[ConsumerRecord]) -> None:
        self._consumer = consumer
        self._next |= {
            TopicPartition(r.topic, r.partition): r.offset + 1 for r in records
        }

    async def commit(self) -> None:
        """A failure is none: our position is in the database.

        What has gone to another member meanwhile is its to commit.
        """
        done, self._next = self._next, {}
        if not done:
            return
        held = self._consumer.assignment()
        if ours := {place: offset for place, offset in done.items() if place in held}:
            try:
                await asyncio.wait_for(self._consumer.commit(ours), COMMIT_WITHIN)
            except (KafkaError, IllegalStateError, TimeoutError) as error:
                log.info("commit_failed", error=type(error).__name__)


class Relay:
    """Publishes a store's public events in order, and remembers how far it got.

    One page is one batch per partition, and the next page waits until all of it is
    acknowledged: what goes wrong is sent again, so a partition may repeat events but
    never skips one. Of several relays of a store one works, the others stand by.
    """

    def __init__(
        self, service: Service, bootstrap: str, client: str, gathers: float = 0.0
    ) -> None:
        self._service, self._bootstrap, self._client = service, bootstrap, client
        self._gathers = gathers
        self._producer: AIOKafkaProducer | None = None
        self._after: int | None = None
        self._published: dict[int, int] = {}  # and not yet written down
        self._written = 0.0

    async def run(self, stopping: asyncio.Event) -> None:
        pause = Pause()
        while not stopping.is_set():
            try:
                await self._run_while_alone(stopping)
                pause.over()
            except (DatabaseAwayError, psycopg.Error, KafkaError, OSError) as error:
                if isinstance(error, KafkaError | OSError):
                    watch.broker_error(error)
                    self._after = None  # it may have lost its power: repeat
                    self._published = {}
                log.warning(
                    "relay_paused",
                    service=self._service.name,
                    error=type(error).__name__,
                )
            await self._close_producer()
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), pause.next())

    async def _run_while_alone(self, stopping: asyncio.Event) -> None:
        watch.polled(f"{self._service.name}-relay")
        lock = await asyncio.to_thread(self._lock)
        if lock is None:
            return
        try:
            if self._after is None:
                self._after = await asyncio.to_thread(self._position)
            while not stopping.is_set():
                watch.polled(f"{self._service.name}-relay")
                page = await asyncio.to_thread(self._next_page, lock)
                if page:
                    await self._hand_on(page)
                    if len(page) < FEW:
                        with suppress(TimeoutError):
                            await asyncio.wait_for(stopping.wait(), self._gathers)
                await self._write_down(self._published if self._is_due() else {})
            await self._write_down(self._published)
        finally:
            lock.close()

    def _next_page(self, lock: psycopg.Connection[Any]) -> list[Told]:
        """What is to be published next; if that is nothing, waits for news.

        Read by the connection that holds the lock: as long as it answers, it is ours.
        """
        page = self._service.tell(self._after or 0, on=lock)
        if not page:
            _wait_for_news(lock, REMEMBER_EVERY if self._published else LOOK_AGAIN)
        return page

    async def _hand_on(self, page: Sequence[Told]) -> None:
        reach("before-publish", self._service.name)
        positions = await self._publish(page)
        reach("after-publish", self._service.name)
        self._published |= positions
        self._after = page[-1].position

    def _is_due(self) -> bool:
        return monotonic() >= self._written + REMEMBER_EVERY

    async def _write_down(self, positions: Mapping[int, int]) -> None:
        if positions:
            await asyncio.to_thread(self._remember, positions)
            self._published, self._written = {}, monotonic()

    async def _publish(self, page: Sequence[Told]) -> dict[int, int]:
        producer = await self._running_producer()
        topic = self._service.name
        count = len(await producer.partitions_for(topic))
        by_partition: dict[int, list[Told]] = {}
        for told in page:
            by_partition.setdefault(told.dispute.int % count, []).append(told)
        async with asyncio.timeout(SEND_WITHIN):
            await asyncio.gather(
                *(self._send(producer, topic, p, t) for p, t in by_partition.items())
            )
        positions = {p: told[-1].position for p, told in by_partition.items()}
        return {**positions, WHOLE_STORE: page[-1].position}

    async def _send(
        self,
        producer: AIOKafkaProducer,
        topic: str,
        partition: int,
        told: Sequence[Told],
    ) -> None:
        batch = producer.create_batch()
        for each in told:
            if _added(batch, each):
                continue
            await _sent(producer, batch, topic, partition)
            batch = producer.create_batch()
            if not _added(batch, each):
                raise MalformedMessageError(
                    f"{each.name} at {each.place} is larger than any message may be"
                )
        await _sent(producer, batch, topic, partition)

    async def _running_producer(self) -> AIOKafkaProducer:
        if self._producer is None:
            self._producer = await _started_producer(self._bootstrap, self._client)
        return self._producer

    async def _close_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer:
            await _stop_producer(producer)

    def _lock(self) -> psycopg.Connection[Any] | None:
        """A connection that listens and holds this store's relay lock, if it is free."""
        name = self._service.name
        connection = psycopg.connect(
            self._service.database.conninfo, autocommit=True, connect_timeout=5
        )
        row = connection.execute(
            "SELECT pg_try_advisory_lock(hashtext(%s))", [f"fengqiao/relay/{name}"]
        ).fetchone()
        if not row or not row[0]:
            connection.close()
            return None
        connection.execute(f"SET idle_session_timeout = '{FROZEN_AFTER}s'".encode())
        connection.execute(f'LISTEN "{name}_events"'.encode())
        return connection

    def _position(self) -> int:
        """Where to go on: a little before what is remembered as published."""
        rows = self._service.database.read(
            self._service.sql(
                "SELECT position FROM {schema}.relayed WHERE partition = -1"
            )
        )
        return max(0, int(rows[0][0]) - SAID_AGAIN) if rows else 0

    def _remember(self, positions: Mapping[int, int]) -> None:
        with self._service.database.transaction() as cursor:
            # What a crash of the database loses here is only said again.
            cursor.execute("SET LOCAL synchronous_commit = off")
            cursor.executemany(
                self._service.sql(
                    "INSERT INTO {schema}.relayed VALUES (%s, %s) ON CONFLICT (partition)"
                    " DO UPDATE SET position = greatest(relayed.position, excluded.position)"
                ),
                sorted(positions.items()),
            )


class Publisher:
    """Sends messages to foreign topics from threads that are not the loop's."""

    def __init__(self, bootstrap: str, client: str) -> None:
        self._bootstrap, self._client = bootstrap, client
        self._loop: asyncio.AbstractEventLoop | None = None
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    def use(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def publish(
        self, messages: Sequence[tuple[str, bytes, Mapping[str, str], bytes]]
    ) -> list[Exception | None]:
        """Send them at once and wait for all acknowledgements; why not, of each."""
        if self._loop is None:
            raise TimeoutError("the publisher is not started")
        work = asyncio.run_coroutine_threadsafe(self._publish(messages), self._loop)
        return work.result(SEND_WITHIN + 5)

    async def _publish(
        self, messages: Sequence[tuple[str, bytes, Mapping[str, str], bytes]]
    ) -> list[Exception | None]:
        sent: list[asyncio.Future[Any]] = []
        try:
            async with asyncio.timeout(SEND_WITHIN):
                producer = await self._running()
                for message in messages:
                    sent.append(await _on_its_way(producer, *message))
                await asyncio.wait(sent)
        except (KafkaError, TimeoutError) as error:
            found: list[Exception | None] = [error] * len(messages)
        else:
            found = [_why_not(each) for each in sent]
        if first := next(filter(None, found), None):
            watch.broker_error(first)
            await self.stop()
        return found

    async def _running(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                self._producer = await _started_producer(self._bootstrap, self._client)
            return self._producer

    async def stop(self) -> None:
        producer, self._producer = self._producer, None
        if producer:
            await _stop_producer(producer)


async def _on_its_way(
    producer: AIOKafkaProducer,
    topic: str,
    key: bytes,
    headers: Mapping[str, str],
    body: bytes,
) -> asyncio.Future[Any]:
    """What will be done when it is kept; one that cannot be sent fails for itself."""
    pairs = [(name, value.encode()) for name, value in headers.items()]
    sent: asyncio.Future[Any]
    try:
        sent = await producer.send(topic, body, key, headers=pairs)
    except KafkaError as error:
        sent = asyncio.get_running_loop().create_future()
        sent.set_exception(error)
    return sent


def _why_not(sent: asyncio.Future[Any]) -> Exception | None:
    """None if it is kept."""
    if sent.cancelled():
        return TimeoutError("the producer was stopped")
    return cast("Exception | None", sent.exception())


async def _started_producer(bootstrap: str, client: str) -> AIOKafkaProducer:
    """A producer that is connected. Raises `KafkaError` or `TimeoutError`."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, client_id=client, **PRODUCER
    )
    try:
        await asyncio.wait_for(producer.start(), SEND_WITHIN)
    except BaseException:
        await _stop_producer(producer)
        raise
    return producer


async def _stop_producer(producer: AIOKafkaProducer) -> None:
    """Its own stop hangs while the broker is away: give it two seconds."""
    with suppress(Exception):
        await asyncio.wait_for(producer.stop(), 2)


def end_process(name: str) -> None:
    """End this process at once, so that its supervisor starts it anew."""
    log.error("process_ends", because=name)
    os._exit(70)


def at_rest(services: Mapping[str, Inbox], hears: Mapping[str, Sequence[str]]) -> bool:
    """Whether all that was recorded is published, and heard by everyone who hears it.

    Positions are read from the databases, so any process may ask.
    """
    hearers = {
        name: [services[h] for h, said in hears.items() if name in said]
        for name in services
    }
    return all(
        is_heard(services[name], found) for name, found in hearers.items() if found
    )


def is_heard(speaker: Inbox, hearers: Iterable[Inbox]) -> bool:
    """Whether a store is published to its end, and its hearers are as far."""
    service = speaker.service
    published = _published(service)
    if published.pop(WHOLE_STORE, 0) < service.last_position():
        return False
    return all(
        hearer.stored_position(positions_of(service.name, service.store_id, partition))
        >= position
        for partition, position in published.items()
        for hearer in hearers
    )


def _published(service: Service) -> dict[int, int]:
    rows = service.database.read(
        service.sql("SELECT partition, position FROM {schema}.relayed")
    )
    return {int(partition): int(position) for partition, position in rows}


def _hear(inbox: Inbox, lines: Lines, records: Iterable[ConsumerRecord]) -> None:
    """Hear all partitions of a batch in one transaction; park what is no event."""
    told: dict[str, list[Told]] = {}
    for record in records:
        try:
            message = Message(record.key or b"", _headers(record), record.value)
            each = wire.from_message(message)
        except MalformedMessageError as error:
            found = _foreign(record)
            inbox.park(found.place, found.headers, found.body or b"", str(error))
        else:
            source = positions_of(each.speaker, each.store, record.partition)
            told.setdefault(source, []).append(each)
    if ours := lines.ours(told):
        inbox.receive(ours)


def _foreign(record: ConsumerRecord) -> Foreign:
    return Foreign(
        record.topic, record.partition, record.offset, _headers(record), record.value
    )


def _headers(record: ConsumerRecord) -> dict[str, str]:
    """Headers as text that any database takes, whatever bytes they are."""
    return {
        name: (value or b"").decode("utf-8", "backslashreplace").replace("\0", "\\0")
        for name, value in record.headers
    }


async def _unread(
    records: tuple[ConsumerRecord, ...], original: Callable[[Any], Awaitable[Any]]
) -> Any:
    """The batch without a look at its headers: the library would drop it if they are
    not text, and reads each of them once more than needed."""
    message = await original((replace(records[0], headers=[]),))
    message.raw_message = records
    return message


async def _as_it_is(message: KafkaMessage) -> KafkaMessage:
    """Leave the body alone: reading it is our business."""
    return message


def _note_polls(subscriber: Any, group: str) -> None:
    """Tell the watch whenever the consume loop asks for messages, found some or not."""
    get = subscriber.get_msg

    async def asked(consumer: Any) -> Any:
        watch.polled(group)
        try:
            return await get(consumer)
        except KafkaError as error:
            watch.broker_error(error)
            raise

    subscriber.get_msg = asked


def _added(batch: Any, told: Told) -> bool:
    message = wire.to_message(told)
    headers = [(name, value.encode()) for name, value in message.headers.items()]
    added = batch.append(
        timestamp=None, key=message.key, value=message.body, headers=headers
    )
    return added is not None


async def _sent(
    producer: AIOKafkaProducer, batch: Any, topic: str, partition: int
) -> None:
    batch.close()
    await (await producer.send_batch(batch, topic, partition=partition))


def _wait_for_news(lock: psycopg.Connection[Any], seconds: float) -> None:
    """Wait until something may have been recorded, or so long."""
    for _ in lock.notifies(timeout=seconds, stop_after=1):
        return
