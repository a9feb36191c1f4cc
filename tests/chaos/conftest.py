"""One running product for all bad days of a test run, and the seed they are drawn from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from zlib import crc32

import pytest

from tests.chaos.client import Client
from tests.chaos.ledger import Ledger
from tests.chaos.product import Product
from tests.chaos.seeds import SEED, VARIABLE


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.write_line(f"bad days: {VARIABLE}={SEED}")


@pytest.fixture(scope="package")
def product() -> Iterator[Product]:
    """Not below pytest's own folder, which it closes to the user of the database."""
    with (
        TemporaryDirectory(prefix="fengqiao-", ignore_cleanup_errors=True) as folder,
        Product(Path(folder) / "product") as found,
    ):
        yield found


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> Random:
    """The same for the same seed and test."""
    return Random(f"{SEED}/{request.node.name}")


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(SEED)


@pytest.fixture
def client(
    product: Product, ledger: Ledger, request: pytest.FixtureRequest
) -> Iterator[Client]:
    """Whatever a test does to the product meanwhile: at its end the ledger is clean."""
    yield Client(product, ledger, prefix=f"{crc32(request.node.name.encode()):x}")
    product.come_to_rest()
    account = ledger.account(product)
    print(account.table())  # noqa: T201 shown when it fails
    account.must_be_clean()
