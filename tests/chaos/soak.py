"""Bad days without end: `python -m tests.chaos.soak --minutes N [--seed S]`.

One product runs as it is delivered, under load. In every round some faults happen to it,
one after another; then it comes to rest and the ledger is compared. The first round that
is not clean ends it, with the seed, and the data stay where they are.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from tests.chaos.client import Client
from tests.chaos.faults import drawn
from tests.chaos.ledger import Ledger
from tests.chaos.product import Product
from tests.chaos.seeds import SEED

ROUNDS_EACH = 20
"""So many rounds one product lives, or reading the ledger would take longer than them."""


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--minutes", type=float, default=10)
    asked.add_argument("--seed", type=int, default=SEED)
    told = asked.parse_args()
    say(f"seed {told.seed}")
    rounds = soak(told.seed, until=time.monotonic() + 60 * told.minutes)
    say(f"{rounds} rounds, all clean; seed {told.seed}")


def soak(seed: int, until: float) -> int:
    """Rounds until the time is over; at least one. Returns how many it were."""
    number = 0
    while number == 0 or time.monotonic() < until:
        with running() as product:
            ledger = Ledger(seed)
            for _ in range(ROUNDS_EACH):
                bad_day(product, Client(product, ledger, prefix=f"{number}"), number)
                number += 1
                if time.monotonic() > until:
                    break
    return number


def bad_day(product: Product, client: Client, number: int) -> None:
    """One round: faults under load, then rest, then the ledger."""
    chance = Random(f"{client.ledger.seed}/{number}")
    names = []
    with client.load():
        for fault in drawn(chance):
            names.append(fault.__name__)
            fault(product, chance)
    product.come_to_rest()
    account = client.ledger.account(product)
    say(f"round {number}: {', '.join(names)}\n{account.table()}\n")
    account.must_be_clean(parked=None)


@contextmanager
def running() -> Iterator[Product]:
    """A product of its own; its data are kept if something is wrong."""
    folder = Path(tempfile.mkdtemp(prefix="fengqiao-soak-"))
    folder.chmod(0o711)
    try:
        with Product(folder / "product", hurried=False) as product:
            yield product
    except BaseException:
        say(f"the data are in {folder}")
        raise
    shutil.rmtree(folder, ignore_errors=True)


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
