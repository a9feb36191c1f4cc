"""A suite that stays green when the product is broken is not one."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.mutations.mutations import MUTATIONS, SIMULATION, Mutation
from tests.mutations.trying import Tried, copied, run, try_out

AT_ONCE = 2


@pytest.fixture(scope="module")
def tried(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Tried]]]:
    """All mutations that are asked for, two at a time."""
    folder = tmp_path_factory.mktemp("mutations")
    pool = ThreadPoolExecutor(AT_ONCE)
    yield {
        mutation.name: pool.submit(try_out, mutation, folder / f"copy-{number}")
        for number, mutation in enumerate(_asked(request))
    }
    pool.shutdown(cancel_futures=True)


def _asked(request: pytest.FixtureRequest) -> list[Mutation]:
    items = [getattr(item, "callspec", None) for item in request.session.items]
    values = [spec.params.get("mutation") for spec in items if spec]
    return [value for value in values if isinstance(value, Mutation)]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_it_is_noticed(mutation: Mutation, tried: dict[str, Future[Tried]]) -> None:
    found = tried[mutation.name].result()

    assert found.noticed, found.output[-3000:]


def test_nothing_is_noticed_where_nothing_is_broken(tmp_path: Path) -> None:
    found = run(SIMULATION, copied(tmp_path / "copy"), plays=20)

    assert not found.noticed, found.output[-3000:]
    assert "no promise broke" in found.output
