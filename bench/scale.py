"""How many of everything so many disputes a year need, from what was measured.

`python -m bench.scale` writes the table in `deploy/SCALE.md` from `deploy/scale.toml`;
with a results file of a bench run it first takes its figures over. Every formula is one
line here and is said in words in that page.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from math import ceil, log2
from pathlib import Path
from typing import Any, NamedTuple

from deploy.topics import read_topics
from services.compose import CLOCK, FOREIGN, HEARS, LETTERS

FOLDER = Path(__file__).parents[1] / "deploy"
FIGURES, PAGE = FOLDER / "scale.toml", FOLDER / "SCALE.md"
SECONDS_A_YEAR = 365 * 24 * 3600
OTHERS = (CLOCK, LETTERS)
BEGIN, END = "<!-- table: python -m bench.scale -->", "<!-- end of table -->"


class Scale(NamedTuple):
    """What so many disputes a year need."""

    disputes: float
    measured: Mapping[str, Any]
    assumed: Mapping[str, Any]

    @property
    def mean(self) -> float:
        """Disputes a second over the year."""
        return self.disputes / SECONDS_A_YEAR

    @property
    def busiest(self) -> float:
        """Disputes a second in the busiest hours."""
        return self.mean * float(self.assumed["busiest"])

    @property
    def carried(self) -> float:
        """What must be carried, so that a backlog goes while new ones come."""
        return self.busiest * float(self.assumed["catch_up"])

    def cores(self, process: str) -> float:
        """Cores that a process, the broker or the database keeps busy at that rate."""
        return float(self.carried * self.measured["cpu_per_1000"][process] / 1000)

    def processes(self, service: str) -> int:
        """Each may use a part of a core; two at least, so that one may fail."""
        return max(2, ceil(self.cores(service) / float(self.assumed["core_share"])))

    @property
    def all_processes(self) -> int:
        """Of all services, and two of each that works on another's histories."""
        services = sum(self.processes(service) for service in HEARS)
        return services + 2 * len(OTHERS)

    @property
    def partitions(self) -> int:
        """Twice the processes of the busiest service, as a power of two; never fewer
        than are shipped, for the number is never changed."""
        shipped = max(topic.partitions for topic in read_topics())
        most = max(self.processes(service) for service in HEARS)
        return int(max(shipped, 2 ** ceil(log2(2 * most))))

    @property
    def groups(self) -> int:
        """One of each service that hears others, and one of each foreign topic."""
        return sum(bool(speakers) for speakers in HEARS.values()) + len(FOREIGN)

    @property
    def connections(self) -> int:
        """What one process had at most, for all of them, and room for people."""
        each = float(self.measured["connections"]) / (len(HEARS) + len(OTHERS))
        return ceil(each * self.all_processes) + int(
            self.assumed["connections_for_people"]
        )

    @property
    def database_gb(self) -> float:
        """A year's growth of the database, whole lifecycles."""
        return float(self.disputes * self.measured["whole_kb"] / 1e6)

    @property
    def online_gb(self) -> float:
        """What lies in the database when as many years are in it as are kept there."""
        return float(self.database_gb * self.assumed["years_online"])

    @property
    def installations(self) -> int:
        """By region, each with a database that still can be backed up in a night."""
        return ceil(self.online_gb / float(self.assumed["largest_database_gb"]))

    @property
    def topics_gb(self) -> float:
        """On the broker's disks, with all copies, as long as topics keep it."""
        kept = self.assumed["years_on_topics"] * self.assumed["copies"]
        return float(self.disputes * self.measured["topics_kb"] * kept / 1e6)

    @property
    def log_gb_a_day(self) -> float:
        """Write-ahead log to be archived on a mean day, for recovery to a point in time."""
        return float(self.disputes / 365 * self.measured["log_kb"] / 1e6)


def scales(figures: Mapping[str, Any]) -> list[Scale]:
    """One for each size in the file."""
    measured, assumed = figures["measured"], figures["assumed"]
    return [Scale(each, measured, assumed) for each in figures["disputes_a_year"]]


def read_figures() -> dict[str, Any]:
    return tomllib.loads(FIGURES.read_text(encoding="utf-8"))


def table(figures: Mapping[str, Any]) -> str:
    """The table of the page."""
    found = scales(figures)
    head = ["每年纠纷 · disputes a year", *(f"{each.disputes:,.0f}" for each in found)]
    rows = [head, ["---", *(["---:"] * len(found))]]
    rows += [[label, *(make(each) for each in found)] for label, make in _rows(figures)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _rows(figures: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    forms = {
        "mean": "{:.2f}",
        "busiest": "{:.1f}",
        "carried": "{:.1f}",
        "log_gb_a_day": "{:.1f}",
    }
    for name, label in figures["labels"].items():
        if name == "processes":
            for service in HEARS:
                yield f"{label} `{service}`", lambda s, n=service: str(s.processes(n))
        elif name == "cores":
            for server in ("postgres", "kafka"):
                yield f"{label} {server}", lambda s, n=server: f"{s.cores(n):.2f}"
        else:
            form = forms.get(name, "{:,.0f}")
            yield label, lambda s, n=name, f=form: f.format(getattr(s, n))


def page_with(text: str, inner: str) -> str:
    """The page with this table between its marks."""
    pattern = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    return pattern.sub(lambda _: f"{BEGIN}\n{inner}\n{END}", text)


def taken_over(results: Mapping[str, Any]) -> dict[str, Any]:
    """The figures that scales are derived from, of one bench run.

    Of a whole lifecycle's size: the history is half closed and half only offered.
    """
    measured, history = results["end-to-end"], results["history"]
    offered = results["disk"]["database_kb"]
    return {
        "at": results["at"],
        "commit": results["machine"]["commit"],
        "cpu_per_1000": {
            name: round(seconds, 3)
            for name, seconds in results["lifecycle"]["cpu_per_1000"].items()
            if name != "bench"
        },
        "offered_kb": round(offered, 1),
        "whole_kb": round(2 * history["database_kb"] - offered, 1),
        "topics_kb": round(results["disk"]["topics"] / 1000, 1),
        "log_kb": round(history["end-to-end"]["log_kb"], 1),
        "connections": measured["connections"],
    }


def _toml(measured: Mapping[str, Any]) -> str:
    lines = ["[measured]"]
    for name, value in measured.items():
        if isinstance(value, Mapping):
            inner = ", ".join(f"{key} = {each}" for key, each in value.items())
            lines.append(f"{name} = {{ {inner} }}")
        else:
            lines.append(f"{name} = {json.dumps(value)}")
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> None:
    if arguments:
        results = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
        text = FIGURES.read_text(encoding="utf-8")
        before = text[: text.index("[measured]")]
        FIGURES.write_text(before + _toml(taken_over(results)), encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(page_with(page, table(read_figures())), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
