"""Whatever is told to the log: one line, nothing that steers a terminal, no quotation."""

from __future__ import annotations

import json
import logging
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from services import logs
from services.log_words import word
from tests.delivery.canaries import logs_put_back

SECRET = "样例甲 199-0000-0001"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Callable[[], list[str]]]]:
    """Starts the log of a form and level; it then gives the lines written so far."""
    file = tmp_path / "log"

    def started(form: str = "json", level: str = "INFO") -> Callable[[], list[str]]:
        logs.set_up(form, level, file)
        return lambda: file.read_text("utf-8").splitlines()

    with logs_put_back():
        yield started


@pytest.mark.parametrize(
    ("told", "written"),
    [
        ("一行", "一行"),
        ("一\n二", r"一\n二"),
        ("\x1b[31m红", r"\x1b[31m红"),
        ("\x9b31m", r"\x9b31m"),
        ("一\u2028二\x85三\x1e", r"一\u2028二\x85三\x1e"),
        ("\u202e反", r"\u202e反"),
        ("\0", r"\x00"),
        (ValueError(SECRET), "ValueError"),
        ([1, None, True, KeyError(SECRET)], [1, None, True, "KeyError"]),
        ({"一\n": "二\n"}, {r"一\n": r"二\n"}),
        ("x" * 9000, "x" * 2000),
    ],
)
def test_a_value_is_written_as_plain_words(told, written):
    assert word(told) == written


@pytest.mark.parametrize("form", ["json", "text"])
def test_an_event_is_one_line(form, start):
    lines = start(form)

    structlog.get_logger().warning("message_parked", reason="一\n{}\u2028\x1b[2J\x85二")

    assert len(lines()) == 1
    assert "\x1b[2J" not in lines()[0]


def test_what_is_below_the_level_is_not_written(start):
    lines = start(level="WARNING")

    structlog.get_logger().info("notice_sent")

    assert lines() == []


def failing() -> None:
    raise ValueError(SECRET)


def by_a_library(name: str) -> None:
    try:
        failing()
    except ValueError as error:
        logging.getLogger(name).error("failed with %r\n", error, exc_info=True)


def by_ourselves() -> None:
    try:
        failing()
    except ValueError as error:
        structlog.get_logger().exception("odd", error=error)


def in_a_thread() -> None:
    thread = threading.Thread(target=failing)
    thread.start()
    thread.join()


def as_last_words() -> None:
    try:
        failing()
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)


@pytest.mark.parametrize("form", ["json", "text"])
@pytest.mark.parametrize(
    "fails",
    [
        lambda: by_a_library("uvicorn.error"),
        lambda: by_a_library("aiokafka.conn"),
        lambda: by_a_library("asyncio"),
        lambda: by_a_library("some.library"),
        by_ourselves,
        in_a_thread,
        as_last_words,
    ],
)
def test_of_an_error_only_kind_and_place_are_told(form, fails, start):
    lines = start(form)

    fails()

    written = "\n".join(lines())
    assert "ValueError" in written
    assert "failing" in written
    assert "样例" not in written and "199-0000" not in written
    assert "Traceback" not in written


def test_an_unknown_librarys_words_are_not_repeated(start):
    lines = start()

    logging.getLogger("some.library").warning(f"cannot read {SECRET}")

    (line,) = map(json.loads, lines())
    assert line["event"] == "library_said"
    assert line["said_at"].startswith("test_log_words:")


def test_a_known_librarys_words_are_kept(start):
    lines = start()

    logging.getLogger("aiokafka.conn").error("no broker at %s:%d", "kafka", 9092)

    (line,) = map(json.loads, lines())
    assert line["event"] == "no broker at kafka:9092"


def test_a_library_that_repeats_itself_is_heard_once(start):
    lines = start()

    for _ in range(100):
        logging.getLogger("aiokafka.conn").error("no broker at %s", "kafka:9092")

    assert len(lines()) == 1


def test_a_warning_tells_its_kind_and_place(start):
    lines = start()

    warnings.showwarning(SECRET, UserWarning, "a.py", 7)

    (line,) = map(json.loads, lines())
    assert (line["kind"], line["where"]) == ("UserWarning", "a.py:7")
