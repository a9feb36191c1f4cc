"""The command line of the bench: which parts, how much of each, and where results go."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich import progress as bars
from rich.console import Console

from bench.bare import NotThroughError
from bench.end_to_end import LostError, Progress
from bench.filling import NoRoomError
from bench.history import NotUntouchedError
from bench.lifecycle import FailedError
from bench.machine import machine
from bench.parts import PARTS, Results, Wish
from bench.product import Product
from bench.report import show
from bench.two import StuckError
from bench.usage import Others
from bench.words import both
from services import logs

talk = Console(stderr=True)
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
FAILURES = (
    FailedError,
    LostError,
    NoRoomError,
    NotThroughError,
    NotUntouchedError,
    StuckError,
)


def main() -> None:
    logs.set_up("text", "ERROR")
    app()


@app.command(help=both("help"))
def bench(
    parts: Annotated[
        list[str] | None, typer.Argument(help=both("option.parts"))
    ] = None,
    disputes: Annotated[int, typer.Option(min=1, help=both("option.disputes"))] = 5000,
    rate: Annotated[float | None, typer.Option(help=both("option.rate"))] = None,
    seconds: Annotated[float, typer.Option(min=1, help=both("option.seconds"))] = 60.0,
    lifecycles: Annotated[
        int, typer.Option(min=1, help=both("option.lifecycles"))
    ] = 500,
    history: Annotated[int, typer.Option(min=0, help=both("option.history"))] = 0,
    reads: Annotated[int, typer.Option(min=1, help=both("option.reads"))] = 200,
    json_file: Annotated[
        Path | None, typer.Option("--json", help=both("option.json"))
    ] = None,
    data: Annotated[Path | None, typer.Option(help=both("option.data"))] = None,
) -> None:
    chosen = _chosen(parts or [], history)
    wish = Wish(
        disputes=disputes,
        rate=rate,
        seconds=seconds,
        lifecycles=lifecycles,
        history=history,
        reads=reads,
    )
    begun = datetime.now(UTC)
    results: Results = {"at": begun.isoformat(timespec="seconds"), "run": wish.run}
    try:
        with _folder(data) as folder:
            _measure(folder, chosen, wish, results)
    except FAILURES as error:
        results["failed"] = str(error)
    path = json_file or Path("bench-results") / f"{begun:%Y%m%dT%H%M%S}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=1, default=str) + "\n", encoding="utf-8")
    show(results, Console())
    talk.print(both("written", path=path))
    if "failed" in results:
        talk.print(both("lost", why=results["failed"]))
        sys.exit(1)


def _chosen(parts: list[str], history: int) -> list[str]:
    if unknown := set(parts) - PARTS.keys():
        known = ", ".join(PARTS)
        raise typer.BadParameter(
            both("unknown_part", unknown=", ".join(unknown), known=known)
        )
    return [name for name in PARTS if name in parts or _by_itself(name, parts, history)]


def _by_itself(name: str, parts: list[str], history: int) -> bool:
    """Without names all run; a history only if it is said how long it is to be."""
    return bool(history) if name == "history" else not parts


@contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    """A folder of its own for the data, removed afterwards unless it was named."""
    if data:
        yield data
        return
    with tempfile.TemporaryDirectory(
        prefix="fengqiao-bench-", ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder) / "data"


def _measure(folder: Path, chosen: list[str], wish: Wish, results: Results) -> None:
    talk.print(both("starting", folder=folder))
    with Product(folder) as product:
        results["machine"] = machine(product.database_url)
        for name in chosen:
            others = Others()
            with _bar(name) as progress:
                results[name] = PARTS[name](product, wish, results, progress)
            results.setdefault("others_percent", {})[name] = others.percent()


@contextmanager
def _bar(name: str) -> Iterator[Progress]:
    columns = (
        bars.SpinnerColumn(),
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.TimeElapsedColumn(),
    )
    with bars.Progress(*columns, console=talk) as bar:
        task = bar.add_task(both(f"part.{name}"), total=1.0)
        yield lambda share: bar.update(task, completed=share)
        bar.update(task, completed=1.0)
