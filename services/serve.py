"""One service as a process of its own on Kafka: `fengqiao serve NAME`."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from functools import partial

import uvicorn

from services.app import make_app
from services.catching_up import entrance, group_of
from services.compose import CLOCK, FOREIGN, HEARS, LETTERS, PATIENT, House
from services.databases import LocalDatabases
from services.embedded import (
    bound_socket,
    clock_loop,
    rows_loop,
    sender_loop,
    shadow_loop,
)
from services.going_on import go_on
from services.memory import collect_seldom
from services.settings import Settings
from shared.events.errors import RefusedError
from shared.events.kafka import KafkaCarrier, Publisher, end_process
from shared.events.loop import Loop

NAMES = (*HEARS, CLOCK, LETTERS)


def serve(name: str, settings: Settings) -> None:
    """Run until told to stop. Raises `RefusedError` for a name that is none."""
    if name not in NAMES:
        raise RefusedError(
            "unknown-service", f"no {name!r}; there is {', '.join(NAMES)}"
        )
    if name != CLOCK and settings.kafka is None:
        raise RefusedError(
            "no-broker", "set FENGQIAO_KAFKA to the broker's address, as host:port"
        )
    databases = LocalDatabases(settings)
    url, keys = databases.start()
    publisher = Publisher(settings.kafka or "", f"fengqiao-{name}")
    house = House(
        settings, database_url=url, keystore_url=keys, publish=publisher.publish
    )
    try:
        house.migrate()
        if name == "routing":
            house.rules.warn(house.found)
        house.database.claim_carrier("kafka")
        collect_seldom()
        asyncio.run(_run(name, house, publisher))
    finally:
        house.close()
        databases.stop()


async def _run(name: str, house: House, publisher: Publisher) -> None:
    settings = house.settings
    publisher.use(asyncio.get_running_loop())
    carrier = _carrier(name, house) if name in HEARS else None
    loops = _loops(name, house)
    for loop in loops:
        loop.start()
    socket = bound_socket(settings.http_host, settings.http_port)
    server = uvicorn.Server(
        uvicorn.Config(
            make_app(house, [name]),
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=3,
            lifespan="off",
        )
    )
    _outlive_its_signals(server)
    starting = asyncio.create_task(carrier.start()) if carrier else None
    await server.serve(sockets=[socket])
    for loop in loops:
        loop.stop()
    if carrier and starting:
        await carrier.stop()
        with suppress(asyncio.CancelledError, TimeoutError):
            await asyncio.wait_for(starting, 5)
    await publisher.stop()
    for loop in loops:
        loop.join()


def _outlive_its_signals(server: uvicorn.Server) -> None:
    """Let the end of HTTP not be the end of the process: there is more to stop.

    The server raises the signal that ended it once more when it is done.
    """

    def end(*_: object) -> None:
        server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)


def _loops(name: str, house: House) -> list[Loop]:
    match name:
        case "letters":
            return [sender_loop(house, end_process)]
        case "clock":
            return [clock_loop(house, end_process)]
        case "routing":
            return [shadow_loop(house, end_process), rows_loop(house, end_process)]
        case _:
            return []


def _carrier(name: str, house: House) -> KafkaCarrier:
    broker = str(house.settings.kafka)
    first = partial(go_on, house, broker, [name])
    carrier = KafkaCarrier(broker, f"fengqiao-{name}", end_process, first)
    inbox = house.inbox(name)
    if HEARS[name]:
        carrier.hear(inbox, HEARS[name], patient=name in PATIENT)
    for topic, reader in FOREIGN.items():
        if reader == name:
            carrier.enter(topic, group_of(topic), entrance(house, topic))
    if any(name in speakers for speakers in HEARS.values()):
        carrier.relay(inbox.service, patient=name in PATIENT)
    return carrier
