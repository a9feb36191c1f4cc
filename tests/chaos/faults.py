"""What can happen to a running product on a bad day, each drawn from a chance.

Every fault is over when it returns: what was killed is back, what was frozen goes on.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from random import Random

from services.compose import FOREIGN, HEARS
from services.serve import NAMES
from shared.events.failpoints import PLACES
from tests.chaos.product import Product
from tests.chaos.serve import ENDS
from tests.stories.kafka_world import GROUPS
from tests.stories.world import patiently, wait_until

HEARERS = [name for name, speakers in HEARS.items() if speakers]
SPEAKERS = sorted({speaker for speakers in HEARS.values() for speaker in speakers})
READERS = sorted({*HEARERS, *FOREIGN.values()})

WHO: dict[str, list[str]] = {
    "before-append": list(HEARS),
    "before-commit": list(HEARS),
    "after-commit": list(HEARS),
    "before-acknowledge": [g for g in GROUPS if not g.endswith(".other")],
    "before-publish": SPEAKERS,
    "after-publish": SPEAKERS,
    "before-send": ["notifications"],
    "after-send": ["notifications"],
}
"""Who reaches each place: services, and consumer groups where messages are taken."""

Fault = Callable[[Product, Random], None]


def kill_services(product: Product, chance: Random) -> None:
    """SIGKILL to some services at once."""
    names = chance.sample(NAMES, chance.randint(1, 3))
    with product.dies(*names):
        _linger(chance, 1)
        product.kill(*names)


def kill_all_services(product: Product, chance: Random) -> None:
    with product.dies(*NAMES):
        _linger(chance, 1)
        product.kill(*NAMES)


def kill_database(product: Product, chance: Random) -> None:
    with product.dies("database"):
        _linger(chance, 1)
        product.kill("database")


def kill_broker(product: Product, chance: Random) -> None:
    with product.dies("broker"):
        _linger(chance, 1)
        product.kill("broker")


def stop_services(product: Product, chance: Random) -> None:
    """SIGTERM: they finish what they do, and end."""
    names = chance.sample(NAMES, chance.randint(1, 2))
    with product.dies(*names):
        product.terminate(*names)


def freeze_services(product: Product, chance: Random) -> None:
    """They stand still for longer or shorter than a group waits for its members."""
    with product.frozen(*chance.sample(NAMES, chance.randint(1, 2))):
        _linger(chance, product.session * 2)


def freeze_a_server(product: Product, chance: Random) -> None:
    with product.frozen(chance.choice(("database", "broker"))):
        _linger(chance, 4)


def kill_at_places(product: Product, chance: Random) -> None:
    """Some die at places of their work, some of them twice in a row."""
    tokens = [
        token
        for place in chance.sample(PLACES, 3)
        for token in product.kill_at(
            place, chance.choice(WHO[place]), chance.choice((1, 2))
        )
    ]
    _linger(chance, 10)
    for token in tokens:  # not every place is reached in that time
        token.unlink(missing_ok=True)


def guests(product: Product, chance: Random) -> None:
    """More processes of the same services come, and leave or die."""
    invited = [product.invite(name) for name in chance.sample(NAMES, 2)]
    _linger(chance, 10)
    for guest in invited:
        product.leaves(guest, chance.choice((signal.SIGTERM, signal.SIGKILL)))


def time_passes(product: Product, chance: Random) -> None:
    """Hours or days go by; warnings and limits fall due."""
    hours = timedelta(hours=chance.randint(1, 60))
    patiently(lambda: product.house.database.advance(hours))
    _linger(chance, 3)


def zombie(product: Product, chance: Random) -> None:
    """A process stands still with everything written and nothing committed.

    It holds the lock of its store, until the database ends what is idle for too long.
    """
    name = chance.choice(HEARERS)
    with product.frozen_at("before-commit", name, name):
        guest = product.invite(name)
        wait_until(product.progress(name), f"another {name} works instead")
    product.leaves(guest, chance.choice((signal.SIGTERM, signal.SIGKILL)))


def every_place(product: Product, chance: Random) -> None:
    """Everybody dies at every place, and all of them twice in a row."""
    all_places(product, chance, twice=True)


def consumer_ends(product: Product, chance: Random) -> None:
    """A consumer ends by itself, and takes its process with it."""
    name = chance.choice(READERS)
    with product.dies(name):
        product.end_consumer(chance.choice(sorted(ENDS)), name)


ALL: tuple[Fault, ...] = (
    kill_services,
    kill_all_services,
    kill_database,
    kill_broker,
    stop_services,
    freeze_services,
    freeze_a_server,
    kill_at_places,
    guests,
    time_passes,
    consumer_ends,
    zombie,
    every_place,
)


def drawn(chance: Random) -> Iterator[Fault]:
    """One to three faults, one after another."""
    yield from chance.sample(ALL, chance.randint(1, 3))


def all_places(product: Product, chance: Random, *, twice: bool = False) -> None:
    """Kill everybody at every place, and at each place one of them twice in a row.

    Of the groups of one service one is drawn; with `twice` all are killed, and all twice.
    Fails with what was never reached.
    """
    tokens = []
    for place, all_of_them in WHO.items():
        some = all_of_them if twice else _one_of_each(all_of_them, chance)
        for who in some:
            tokens += product.kill_at(place, who, times=2 if twice else 1)
        tokens += product.kill_at(place, chance.choice(some))

    def left() -> list[str]:
        return sorted(token.name for token in tokens if token.exists())

    wait_until(lambda: not left(), f"death at every place of {left()}", within=600)


def _one_of_each(names: list[str], chance: Random) -> list[str]:
    """Of the names that begin with the same service, one each."""
    chance.shuffle(names := list(names))
    return list({name.partition("-")[0]: name for name in names}.values())


def _linger(chance: Random, most: float) -> None:
    """Let the load go on for a while that chance decides."""
    threading.Event().wait(chance.uniform(0, most))
