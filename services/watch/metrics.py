"""The one list of metrics, as `metrics.toml` declares them."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Literal, NamedTuple

Kind = Literal["counter", "gauge", "histogram"]
PREFIX = "fengqiao_"
_ENDINGS = {"counter": "_total", "histogram": "_seconds", "gauge": ""}


class Metric(NamedTuple):
    """What is measured, in a sentence, and by what it is told apart."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    zh: str
    en: str

    @property
    def help(self) -> str:
        return f"{self.zh} · {self.en}"

    @property
    def what(self) -> str:
        """What `shared.events.watch` calls it."""
        return self.name.removeprefix(PREFIX).removesuffix(_ENDINGS[self.kind])


def _declared() -> tuple[Metric, ...]:
    file = resources.files("services.watch") / "metrics.toml"
    rows = tomllib.loads(file.read_text(encoding="utf-8")).items()
    return tuple(
        Metric(name, row["kind"], tuple(row["labels"]), row["zh"], row["en"])
        for name, row in rows
    )


METRICS = _declared()
