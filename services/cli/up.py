"""`fengqiao up`: start everything, play the samples, show the ledger, then serve."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

from services.audit import render
from services.audit.views import Asked
from services.cli.words import text
from services.compose import House
from services.embedded import Embedded
from services.on_kafka import OnKafka
from services.sample import Sample
from services.settings import Settings

console = Console()


def up_embedded(settings: Settings, *, once: bool, samples: bool) -> None:
    """The product in one process, until Ctrl-C or, `once`, until it is at rest."""
    with _stop_signal() as stopped:
        _say("starting")
        with Embedded(settings) as running:
            assert running.http
            urls = [f"http://{settings.http_host}:{running.http.port}"]
            _run(running.house, running.settle, urls, once, samples, stopped)


def up_on_kafka(settings: Settings, *, once: bool, samples: bool) -> None:
    """The product as one process per service on Kafka; this one supervises them."""
    with _stop_signal() as stopped:
        _say("starting_kafka")
        with OnKafka(settings) as running:
            urls = [f"{running.url(name)}  {name}" for name in running.ports]
            _run(running.house, running.settle, urls, once, samples, stopped)


def _run(
    house: House,
    settle: Callable[[], None],
    urls: list[str],
    once: bool,
    samples: bool,
    stopped: threading.Event,
) -> None:
    if samples:
        _play(Sample(house, settle), stopped)
    _show_ledger(house)
    if once or stopped.is_set():
        return
    data = house.settings.data
    prefix = "" if data == Path("data") else f"FENGQIAO_DATA={data} "
    _say("where_next", urls="\n  ".join(urls), data=data, prefix=prefix)
    stopped.wait()
    _say("stopping")


def _play(sample: Sample, stopped: threading.Event) -> None:
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        console=console,
        transient=True,
    ) as bar:
        task = bar.add_task(text("samples", "zh"), total=len(sample))

        def progress(what: str) -> None:
            if stopped.is_set():
                raise KeyboardInterrupt
            bar.update(task, description=what, advance=1)

        sample.play(progress)


def _show_ledger(house: House) -> None:
    page = house.audit.ledger.page(Asked(limit=100))
    render.show(render.ledger(page, house.audit.words), console)


def _say(code: str, **facts: object) -> None:
    for language in ("zh", "en"):
        console.print(
            text(f"{code}", language, **facts),
            style=None if language == "zh" else "dim",
            highlight=False,
        )


@contextmanager
def _stop_signal() -> Iterator[threading.Event]:
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
        _say("stopping")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
