"""One broker for all tests of this folder, with the table of topics applied."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from deploy.local.kafka import LocalKafka
from deploy.topics import apply, read_topics


@pytest.fixture(scope="package")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalKafka]:
    with LocalKafka(tmp_path_factory.mktemp("数据 folder") / "kafka") as broker:
        asyncio.run(apply(broker.bootstrap, read_topics()))
        yield broker
