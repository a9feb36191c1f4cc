"""The table at the end: what was measured, which aims were reached, on what machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.aims import QUIET, Judged, judged
from bench.parts import PARTS, Results
from bench.words import both

Line = tuple[str, str]


def show(results: Results, console: Console) -> None:
    """Everything in one table for people, the aims last."""
    table = Table(title=both("title"), title_justify="left", show_header=False)
    for name in PARTS:
        if name in results:
            table.add_section()
            table.add_row(f"[bold]{both(f'part.{name}')}[/]", "", "")
            for label, value in _LINES[name](results[name], results):
                table.add_row(f"  {label}", value, "")
            others = results["others_percent"].get(name, 0.0)
            noisy = both("disturbed") if others > QUIET else ""
            table.add_row(f"  {both('line.others')}", f"{others:.0f} %", noisy)
    _add_aims(table, judged(results))
    table.add_section()
    for label, value in _machine(results["machine"]):
        table.add_row(label, value, "")
    console.print(table)


def _add_aims(table: Table, found: list[Judged]) -> None:
    table.add_section()
    table.add_row(f"[bold]{both('aims')}[/]", "", "")
    for each in found:
        if each.value is not None:
            word = both("reached" if each.reached else "missed")
            if each.disturbed:
                word += " " + both("disturbed")
            value = f"{each.value:.3g} {each.aim.unit} ({each.aim.bound})"
            table.add_row(f"  {both(f'aim.{each.aim.code}')}", value, word)


def _end_to_end(found: Any, results: Results) -> Iterator[Line]:
    yield both("line.disputes"), f"{found['disputes']:,}"
    yield both("line.steady"), f"{found['steady_per_second']:,.0f} /s"
    yield both("line.overall"), f"{found['per_second']:,.0f} /s"
    yield both("line.ceiling"), f"{found['ceiling_per_second']:,.0f} /s"
    yield both("line.slowest"), both(f"stage.{found['slowest']}")
    yield both("line.finished"), _each(found["finished"], "{:.1f} s")
    yield both("line.cpu"), _each(found["cpu_per_1000"], "{:.2f}")
    yield both("line.memory"), _each(found["peak_mib"], "{:.0f}")
    yield both("line.log"), f"{found['log_kb']:.0f} kB"
    yield both("line.connections"), str(found["connections"])


def _bare(found: Any, results: Results) -> Iterator[Line]:
    yield both("line.overall"), f"{found['per_second']:,.0f} /s"
    if "ratio" in found:
        yield (
            both("line.ratio"),
            f"{found['ratio']:.3f} (1 : {1 / found['ratio']:.1f})",
        )
        yield both("line.cpu_ratio"), f"1 : {found['cpu_ratio']:.0f}"
    yield both("line.cpu"), _each(found["cpu_per_1000"], "{:.3f}")


def _disk(found: Any, results: Results) -> Iterator[Line]:
    yield both("line.disputes"), f"{found['disputes']:,}"
    yield both("line.database"), f"{found['database_kb']:.1f} kB"
    for schema, parts in found["schemas"].items():
        sizes = {part: size / 1000 for part, size in parts.items()}
        yield f"  {schema}", _each(sizes, "{:.2f} kB")
    yield both("line.topics"), f"{found['topics'] / 1000:.1f} kB"


def _latency(found: Any, results: Results) -> Iterator[Line]:
    yield both("line.pace"), f"{found['rate']:g} /s, {found['seconds']:g} s"
    for way in ("http", "topic"):
        each = found[way]
        for what in ("acknowledged_ms", "offered_ms", "offered_after_answer_ms"):
            yield f"{both(f'way.{way}')}: {both(f'line.{what}')}", _spread(each[what])
        failed = f"{each['errors']} / {each['lost']}"
        yield f"{both(f'way.{way}')}: {both('line.failed')}", failed
        cpu = _each(each["cpu_per_1000"], "{:.2f}")
        yield f"{both(f'way.{way}')}: {both('line.cpu')}", cpu


def _lifecycle(found: Any, results: Results) -> Iterator[Line]:
    yield both("line.lifecycles"), f"{found['per_second']:.1f} /s"
    yield both("line.cpu"), _each(found["cpu_per_1000"], "{:.2f}")
    for step, took in found["steps_ms"].items():
        yield f"  {both(f'step.{step}')}", _spread(took)


def _spike(found: Any, results: Results) -> Iterator[Line]:
    yield both("line.failed"), f"{found['errors']} / {found['lost']}"
    yield both("line.spike_drained"), f"{found['spike_drained_s']:.1f} s"
    yield both("line.drained"), f"{found['drained_s']:.1f} s"
    yield both("line.offered_ms"), _spread(found["offered_ms"])


def _history(found: Any, results: Results) -> Iterator[Line]:
    yield both("line.filled"), f"{found['disputes']:,}"
    yield both("line.filling"), f"{found['filling_s']:.0f} s"
    yield both("line.size"), f"{found['database_gb']:.1f} GB"
    yield from _end_to_end(found["end-to-end"], results)
    if "slower_percent" in found:
        yield both("line.slower"), f"{found['slower_percent']:.1f} %"
        yield both("line.more_cpu"), f"{found['more_cpu_percent']:.1f} %"
    for what, took in found["reads"].items():
        cpu = f", CPU {took['cpu_ms']:.1f} ms" if "cpu_ms" in took else ""
        yield both(f"read.{what}"), _spread(took) + cpu


def _two(found: Any, results: Results) -> Iterator[Line]:
    for service, each in found["services"].items():
        rates = f"{each['one']:,.0f} → {each['two']:,.0f} /s (× {each['gain']:.2f})"
        yield f"  {service}", rates
    yield both("line.gain"), f"× {found['gain']:.2f}"


def _backtest(found: Any, results: Results) -> Iterator[Line]:
    yield both("line.disputes"), f"{found['disputes']:,}"
    yield both("line.seconds"), f"{found['seconds']:.1f} s"


def _analysis(found: Any, results: Results) -> Iterator[Line]:
    for openness, sizes in found.items():
        for rows, each in sizes.items():
            told = f"{each['seconds']:.2f} s ({each['steps']:,} steps)"
            yield both(f"line.analysis.{openness}", rows=rows), told


_LINES = {
    "end-to-end": _end_to_end,
    "bare": _bare,
    "disk": _disk,
    "latency": _latency,
    "lifecycle": _lifecycle,
    "spike": _spike,
    "history": _history,
    "two": _two,
    "analysis": _analysis,
    "backtest": _backtest,
}


def _machine(found: Mapping[str, Any]) -> Iterator[Line]:
    postgres = found["postgres"]
    durable = ("fsync", "synchronous_commit", "full_page_writes", "data_checksums")
    yield (
        both("machine.machine"),
        f"{found['cores']} × {found['processor']}, {found['memory_gib']} GiB",
    )
    yield both("machine.system"), f"{found['system']}, Python {found['python']}"
    yield (
        both("machine.servers"),
        f"PostgreSQL {postgres['server_version']}, Kafka {found['kafka']}",
    )
    yield both("machine.durable"), _each({n: postgres[n] for n in durable}, "{}")
    yield both("machine.libraries"), _each(found["libraries"], "{}")
    yield both("machine.commit"), str(found["commit"])


def _spread(took: Mapping[str, float]) -> str:
    return (
        f"p50 {took['p50']:.1f} ms, p99 {took['p99']:.1f} ms, max {took['most']:.0f} ms"
    )


def _each(found: Mapping[str, Any], form: str) -> str:
    return ", ".join(f"{name} {form.format(value)}" for name, value in found.items())
