"""`fengqiao up`: start everything, play the samples, show the ledger, then serve."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

from services.audit import forms, render
from services.audit.views import Asked
from services.cli.options import show_json
from services.cli.words import text
from services.compose import House
from services.embedded import Embedded
from services.memory import collect_seldom
from services.on_kafka import OnKafka
from services.sample import Sample
from services.settings import Settings


class Wish(NamedTuple):
    """What was asked of `up`: end when at rest, play the samples, print JSON."""

    once: bool
    samples: bool
    as_json: bool


def up_embedded(settings: Settings, wish: Wish) -> None:
    """The product in one process, until Ctrl-C or, `once`, until it is at rest."""
    talk = Console(stderr=wish.as_json)
    with _stop_signal(talk) as stopped:
        _say(talk, "starting")
        with Embedded(settings) as running:
            assert running.http
            collect_seldom()
            urls = [f"http://{settings.http_host}:{running.http.port}"]
            _run(running, urls, wish, talk, stopped)


def up_on_kafka(settings: Settings, wish: Wish) -> None:
    """The product as one process per service on Kafka; this one supervises them."""
    talk = Console(stderr=wish.as_json)
    with _stop_signal(talk) as stopped:
        _say(talk, "starting_kafka")
        with OnKafka(settings) as running:
            urls = [f"{running.url(name)}  {name}" for name in running.ports]
            _run(running, urls, wish, talk, stopped)


def _run(
    running: Embedded | OnKafka,
    urls: list[str],
    wish: Wish,
    talk: Console,
    stopped: threading.Event,
) -> None:
    if wish.samples:
        _play(Sample(running.house, running.settle), talk, stopped)
    _show_ledger(running.house, wish, talk)
    if wish.once or stopped.is_set():
        return
    data = running.settings.data
    prefix = "" if data == Path("data") else f"FENGQIAO_DATA={data} "
    _say(talk, "where_next", urls="\n  ".join(urls), data=data, prefix=prefix)
    if running.house.database.time_moved():
        _say(talk, "sample_time")
    stopped.wait()
    _say(talk, "stopping")


def _play(sample: Sample, talk: Console, stopped: threading.Event) -> None:
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        console=talk,
        transient=True,
    ) as bar:
        task = bar.add_task(text("samples", "zh"), total=len(sample))

        def progress(what: str) -> None:
            if stopped.is_set():
                raise KeyboardInterrupt
            bar.update(task, description=what, advance=1)

        sample.play(progress)


def _show_ledger(house: House, wish: Wish, talk: Console) -> None:
    page, words = house.audit.ledger.page(Asked(limit=100)), house.audit.words
    if wish.as_json:
        show_json(forms.ledger_json(page, words))
    else:
        render.show(render.ledger(page, words), talk)


def _say(talk: Console, code: str, **facts: object) -> None:
    talk.print(text(code, "zh", **facts), highlight=False, soft_wrap=True)
    talk.print(text(code, "en", **facts), highlight=False, soft_wrap=True, style="dim")


@contextmanager
def _stop_signal(talk: Console) -> Iterator[threading.Event]:
    """Set by Ctrl-C or SIGTERM; a second Ctrl-C ends at once."""
    stopped = threading.Event()

    def stop(*_: object) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        stopped.set()

    before = {s: signal.signal(s, stop) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    except KeyboardInterrupt:
        _say(talk, "interrupted")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
