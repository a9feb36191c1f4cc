"""Nobody's name, number, story or token is anywhere but under seal.

Marked data is poured into a whole product by every way in; then all that it says of
itself or keeps is searched, in several encodings: logs, metrics, answers, letters, topics,
crashes, and every column of every table.
"""

from __future__ import annotations

import base64
import json
import shutil
import sys
import threading
import warnings
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from services import logs
from services.compose import HEARS
from services.embedded import Embedded
from services.escalation import policy
from services.intake.service import IntakeService
from services.notifications.channels import FileDrop
from services.serve import NAMES
from services.watch.metrics import METRICS
from shared.events.base import Actor
from shared.events.loop import Loop
from tests.delivery.canaries import (
    CANARIES,
    columns_of,
    forms,
    found_in,
    logs_put_back,
    must_tell_of_nobody,
)
from tests.delivery.outside import SECRET, receiving
from tests.delivery.pouring import BROKEN, NAME, REFERRAL, Pouring
from tests.delivery.test_metrics import ONLY_IN_TROUBLE, families
from tests.stories.embedded_world import EmbeddedWorld
from tests.stories.kafka_world import GROUPS, INTERNAL, KafkaWorld

REPAIRER = Actor(body="justice-zhuji", person="clerk-9", role="repair")


class Spilt(RuntimeError):
    """A fault that nobody foresaw, and that quotes a person."""

    def __init__(self) -> None:
        super().__init__(" ".join(CANARIES.values()))


def spilling(*_: object, **__: object) -> None:
    raise Spilt


@pytest.fixture(scope="module")
def poured() -> Iterator[Pouring]:
    """A product into which everything has been poured, and which has come to rest."""
    with (
        TemporaryDirectory(prefix="fengqiao-", ignore_cleanup_errors=True) as folder,
        receiving() as receiver,
        logs_put_back(),
        pytest.MonkeyPatch.context() as patch,
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("always")
        data = Path(folder)
        world = EmbeddedWorld(data)
        region = region_with_a_webhook(data / "region", receiver.url)
        world.settings = world.settings.model_copy(update={"region": str(region)})
        world.product = Embedded(world.settings, failed=world.failures.append)
        write_secret(world.settings.webhook_secrets)
        logs.set_up("json", "DEBUG", data / "logs" / "fengqiao.log")
        with world:
            pouring = Pouring(world)
            pour(pouring, data)
            fail(pouring, patch)
            world.settle()
            pouring.answers += [("webhook", repr(taken)) for taken in receiver.taken]
            assert receiver.taken
            yield pouring


def pour(pouring: Pouring, data: Path) -> None:
    world = pouring.world
    code = pouring.refers()
    world.settle()
    pouring.misplaces()
    pouring.commands(code)
    pouring.says_on_topics(code)
    pouring.hands_in(data)
    world.settle()
    pouring.looks_for(code)
    release_one(pouring)
    world.settle()


def release_one(pouring: Pouring) -> None:
    """A person repairs a parked message, at first wrongly."""
    house = pouring.world.house
    waiting = [m for m in house.inbox("intake").parked() if m.body == BROKEN[0]]
    parked = waiting[0].message
    for body in (BROKEN[2], BROKEN[5]):
        with pytest.raises(Exception) as refused:
            house.release(parked, by=REPAIRER, why="repair", body=body)
        pouring.answers.append(("release", f"{refused.value} {refused.value!r}"))
    good = str(REFERRAL).replace("T46-1", "T46-R").replace("'", '"').encode()
    house.release(parked, by=REPAIRER, why="repair", body=good)


def fail(pouring: Pouring, patch: pytest.MonkeyPatch) -> None:
    """Faults of the software that quote persons: in every kind of thread there is."""
    world = pouring.world
    with patch.context() as broken:
        broken.setattr(IntakeService, "receipt", spilling)
        broken.setattr(IntakeService, "_answers", spilling)
        pouring.ask("GET", "intake", "/referrals/330681-0000-0000-0000-0")
        pouring.ask(
            "POST", "intake", "/referrals", json={**REFERRAL, "reference": "F1"}
        )
    with patch.context() as broken:
        broken.setattr(policy, "react", spilling)
        broken.setattr(FileDrop, "send_all", spilling)
        told = {**REFERRAL, "reference": "T46-F2"}
        assert pouring.ask("POST", "intake", "/referrals", json=told).is_success
        world.settle()
    ended: list[str] = []
    loop = Loop("spilling", spilling, ended.append)  # type: ignore[arg-type]
    loop.start()
    loop.join()
    thread = threading.Thread(target=spilling)
    thread.start()
    thread.join()
    warnings.warn(NAME, stacklevel=1)
    try:
        spilling()
    except Spilt as error:
        sys.excepthook(type(error), error, error.__traceback__)


def region_with_a_webhook(folder: Path, url: str) -> Path:
    """The sample region, but the village is told by webhook."""
    with resources.as_file(resources.files("shared.regions") / "sample") as sample:
        shutil.copytree(sample, folder)
    channels = folder / "channels.csv"
    before = channels.read_text("utf-8")
    village = "pmc-village-fengxi,file,pmc-village-fengxi,"
    assert village in before
    after = before.replace(village, f"pmc-village-fengxi,webhook,{url},\n{village}")
    channels.write_text(after, "utf-8")
    return folder


def write_secret(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    secret = base64.b64encode(SECRET).decode()
    path.write_text(f'pmc-village-fengxi = ["whsec_{secret}"]\n')
    path.chmod(0o600)


@pytest.fixture(scope="module")
def log(poured: Pouring) -> str:
    file = poured.world.settings.data / "logs" / "fengqiao.log"
    return file.read_text("utf-8")


@pytest.mark.parametrize("name", CANARIES)
def test_a_canary_is_found_where_it_is(name):
    for form in forms(CANARIES[name]):
        assert found_in("somewhere", b"\0x" + form + b"y")


def test_the_log_tells_of_nobody(log):
    must_tell_of_nobody([("log", log)])


def test_the_log_has_told_of_everything_that_went_wrong(log):
    for event in (
        "dispute_registered",
        "referral_known",
        "referral_refused",
        "referral_corrected",
        "message_parked",
        "message_released",
        "reaction_failed",
        "request_failed",
        "notice_sent",
        "notice_retried",
        "loop_ended",
        "crashed",
        "python_warned",
        "Exception in ASGI application",
    ):
        assert f'"event": "{event}"' in log, event
    assert "Spilt" in log


def test_the_metrics_tell_of_nobody(poured):
    answer = poured.ask("GET", "audit", "/metrics")

    assert answer.status_code == 200
    must_tell_of_nobody([("metrics", answer.text)])


def test_no_answer_tells_of_anybody(poured):
    assert len(poured.answers) > 80
    must_tell_of_nobody(poured.answers)


def test_no_letter_tells_of_anybody(poured):
    files = [
        (str(path.relative_to(poured.world.settings.data)), path.read_bytes())
        for folder in (
            poured.world.settings.outbox,
            poured.world.settings.data / "topics",
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]

    assert len(files) > 5
    must_tell_of_nobody(files)


@pytest.mark.parametrize("which", ["database", "key store"])
def test_no_column_of_the_database_tells_of_anybody(poured, which):
    house = poured.world.house
    keys = house.keystore_url
    url = house.database.conninfo if which == "database" else keys
    found = dict(columns_of(url))

    assert "keys.party_keys.wrapped" in found or "intake.parked.body" in found
    must_tell_of_nobody(found.items())


def test_the_servers_own_log_tells_of_nobody(poured):
    folder = poured.world.settings.data / "postgres"
    written = [(str(path), path.read_bytes()) for path in folder.rglob("*.log")]

    assert written
    must_tell_of_nobody(written)


# The same over a broker, in processes of their own


@pytest.fixture(scope="module")
def spread() -> Iterator[Pouring]:
    """A product of six processes on a real broker, into which some has been poured."""
    with (
        TemporaryDirectory(prefix="fengqiao-", ignore_cleanup_errors=True) as folder,
        KafkaWorld(Path(folder), log_level="INFO") as world,
    ):
        pouring = Pouring(world)
        code = pouring.refers()
        pouring.says_on_topics(code)
        world.settle()
        pouring.commands(code)
        pouring.looks_for(code)
        world.settle()
        yield pouring


def test_no_process_tells_of_anybody_in_its_log(spread):
    folder = spread.world.settings.data / "logs"
    written = {path.name: path.read_bytes() for path in folder.glob("*.log")}

    assert set(written) >= {f"{name}.log" for name in NAMES}
    must_tell_of_nobody(written.items())
    for line in written["intake.log"].splitlines():
        assert json.loads(line)["event"]


def test_no_topic_of_ours_tells_of_anybody(spread):
    told = spread.world.outside.read(*INTERNAL, "handoffs.", "receipts.")

    assert {each.topic for each in told} >= {*INTERNAL, "receipts.police"}
    must_tell_of_nobody((each.place, repr(each)) for each in told)
    must_tell_of_nobody((each.place, each.body or b"") for each in told)


def test_no_answer_of_a_process_tells_of_anybody(spread):
    must_tell_of_nobody(spread.answers)


def test_no_column_tells_of_anybody_after_kafka(spread):
    found = dict(columns_of(spread.world.house.database.conninfo))

    assert found["intake.parked.body"] and found["escalation.parked.body"]
    must_tell_of_nobody(found.items())


def test_the_processes_together_tell_every_metric_and_each_its_own(spread):
    pages = {name: spread.ask("GET", name, "/metrics").text for name in NAMES}
    must_tell_of_nobody(pages.items())

    told = {name: _told_in(page) for name, page in pages.items()}
    expected = {metric.name for metric in METRICS} - ONLY_IN_TROUBLE
    assert set().union(*map(set, told.values())) - ONLY_IN_TROUBLE == expected
    for name in HEARS:
        assert told[name]["fengqiao_parked_messages"] == {name}
    seen = set().union(
        *(page["fengqiao_last_poll_age_seconds"] for page in told.values())
    )
    relays = {f"{speaker}-relay" for speaker in INTERNAL}
    assert seen == {*GROUPS, *relays, "clock", "rows", "sender", "shadow"}
    assert told["intake"]["fengqiao_relay_age_seconds"] == {"intake"}
    assert told["audit"]["fengqiao_unheard_events"] == {"audit"}


def _told_in(page: str) -> dict[str, set[str]]:
    """Of each metric that has values, those of its first label."""
    return {
        name: {next(iter(s.labels.values()), "") for s in family.samples}
        for name, family in families(page).items()
        if family.samples
    }
