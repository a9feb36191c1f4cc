"""Facts, bodies and places in words; what has no words here stands for itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.routing.explaining.values import Text
from services.routing.packs.pack import Pack
from services.texts import LANGUAGES, Language, Texts
from shared.events.routing import FiredRow
from shared.region import Region

texts = Texts("services.routing")

_TABLES = {
    "reason": "reason",
    "source": "source",
    "asked": "handoff",
    "not_taken": "handoff",
    "handoff": "handoff",
    "way.handoff": "handoff",
    "tier": "tier",
    "severity": "severity",
    "severity.severity": "severity",
    "way.action": "action",
    "action": "action",
}
"""Which table of words says the values of an input."""


def both(said: Callable[[Language], str]) -> Text:
    zh, en = (said(language) for language in LANGUAGES)
    return Text(zh=zh, en=en)


def phrase(code: str, /, **facts: object) -> Text:
    """A text of the message file with its facts; those that are texts, in each language."""

    def said(language: Language) -> str:
        told = {name: _in(fact, language) for name, fact in facts.items()}
        return texts(f"explain.{code}", language, **told)

    return both(said)


def listed(found: Iterable[Text], between: str = "comma") -> Text:
    """Several texts as one."""
    parts = [*found]
    return both(
        lambda language: texts.raw(f"explain.{between}", language).join(
            _in(part, language) for part in parts
        )
    )


def one_of(found: Sequence[Text]) -> Text:
    """One of several texts."""
    *before, last = found
    return listed([listed(before), last], "or") if before else last


def plain(value: object) -> Text:
    told = "—" if value is None else str(value)
    return Text(zh=told, en=told)


def word(table: str, code: object) -> Text:
    path = f"word.{table}.{code}"
    return phrase(path) if f"explain.{path}" in texts else plain(code)


def label(name: str, zh: str = "") -> Text:
    """What an input is called; one of a pack's own, as its column says."""
    if f"explain.label.{name}" in texts:
        return phrase(f"label.{name}")
    if f"explain.word.flag.{name}" in texts:
        return word("flag", name)
    return Text(zh=zh or name, en=name)


@dataclass(frozen=True)
class Words:
    """The words of one region and pack."""

    region: Region
    pack: Pack | None

    def value(self, name: str, value: object) -> Text:
        """The value of an input or fact, by the name of that."""
        match value:
            case None:
                return word("yes", "none")
            case bool():
                return word("yes", str(value).lower())
            case Decimal() | int():
                return plain(f"{value:,}")
        if name in ("county", "township", "place"):
            return self.place(str(value))
        if name == "kind":
            return self.kind(str(value))
        return word(_TABLES[name], value) if name in _TABLES else plain(value)

    def kind(self, code: str) -> Text:
        kinds = self.pack.kinds if self.pack else self.region.kinds
        found = kinds.get(code)
        return Text(zh=found.zh, en=found.en) if found else plain(code)

    def body(self, id: str) -> Text:
        found = self.region.bodies.get(id)
        return Text(zh=found.name, en=found.name_en) if found else plain(id)

    def place(self, code: str) -> Text:
        """From the county down, as addresses are written in each language."""
        named = self.region.divisions.named
        codes = [code[:6], *(code[:n] for n in (9, 12) if len(code) >= n)]
        found = [division for one in codes if (division := named(one))]
        return Text(
            zh="".join(d.name for d in found) or code,
            en=", ".join(d.name_en for d in reversed(found)) or code,
        )

    def row(self, row: FiredRow) -> Text | None:
        """What a row says, if its pack is at hand."""
        found = self.pack.words.get((row.table, row.row)) if self.pack else None
        return Text(zh=found.zh, en=found.en) if found else None

    def step(self, step: Sequence[str]) -> Text:
        """A step by which a body was found; one that is not known here, as it is."""
        code, *facts = step
        path = f"explain.step.{code}"
        if path not in texts:
            return plain(" ".join(step))
        named = {f"f{n}": self._named(fact) for n, fact in enumerate(facts)}
        return phrase(f"step.{code}", **named)

    def _named(self, fact: str) -> Text:
        if fact in self.region.bodies:
            return self.body(fact)
        if f"explain.word.body_kind.{fact}" in texts:
            return word("body_kind", fact)
        if fact in self.region.kinds:
            return self.kind(fact)
        return self.place(fact)


def _in(fact: object, language: Language) -> str:
    return getattr(fact, language) if isinstance(fact, Text) else str(fact)
