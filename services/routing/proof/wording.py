"""Failures as sentences: the dispute first, then what happens to it, then a remedy.

The texts stand in `services/routing/messages.toml`; nothing is worded here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from services.routing.dmn.literals import literal
from services.routing.dmn.values import Scalar
from services.routing.explaining.values import Text
from services.routing.explaining.words import Words, label, listed, plain, word
from services.routing.packs.pack import Pack
from services.routing.proof.certificate import Failure
from services.routing.proof.findings import Found, Point
from services.texts import LANGUAGES, Language, Texts
from shared.events.vocabulary import Flag
from shared.region import Region

texts = Texts("services.routing")
NO_FACTS: Point = {}
NO_CELLS: Mapping[str, str] = {}
_FLAGS = frozenset(map(str, Flag))


def say(code: str, /, **facts: object) -> Text:
    """A text of the proof with its facts, those that are texts in each language."""

    def said(language: Language) -> str:
        told = {
            name: getattr(fact, language) if isinstance(fact, Text) else fact
            for name, fact in facts.items()
        }
        return texts(f"proof.{code}", language, **told)

    zh, en = map(said, LANGUAGES)
    return Text(zh=zh, en=en)


@dataclass(frozen=True)
class Wording:
    """Words for one pack, and for the places of its region if it is known."""

    pack: Pack
    region: Region | None

    def failure(
        self,
        code: str,
        /,
        *,
        table: str = "",
        rows: tuple[str, ...] = (),
        example: Point = NO_FACTS,
        cells: Mapping[str, str] = NO_CELLS,
        places: int = 0,
        day: str = "",
        **more: object,
    ) -> Failure:
        """A failure with its words, and what it is told by."""
        text = say(
            code,
            table=word_of_table(table),
            row=rows[0] if rows else "—",
            others=listed(map(plain, rows[1:])),
            example=self.point(example),
            cells=listed(
                self._cell(n, cell) for n, cell in cells.items() if cell != "-"
            ),
            places=places,
            **more,
        )
        told, mend = {n: literal(value) for n, value in example.items()}, dict(cells)
        return Failure(code, text.zh, text.en, table, rows, told, mend, places, day)

    def found(self, found: Found) -> Failure:
        """What an analysis of a table found."""
        kind = found.finding
        code = (
            f"{kind}-alone" if kind == "unreachable" and len(found.rows) == 1 else kind
        )
        return self.failure(
            code,
            table=found.table,
            rows=found.rows,
            example=found.example,
            cells=found.cells,
            column=found.column,
        )

    def point(self, point: Point) -> Text:
        """An example: the place first, then what else is not as usual."""
        told = [*self._facts(point)]
        return listed(told) if told else say("any")

    def _facts(self, point: Point) -> Iterable[Text]:
        place = point.get("place") or point.get("township") or point.get("county")
        if place:
            yield self._place(str(place))
        for name, value in point.items():
            if name not in ("place", "county", "township"):
                yield self._fact(name, value)

    def _place(self, code: str) -> Text:
        return Words(self.region, self.pack).place(code) if self.region else plain(code)

    def _fact(self, name: str, value: Scalar | None) -> Text:
        if name in _FLAGS:
            told = word("flag", name)
            return told if value else say("fact.not", fact=told)
        if isinstance(value, Decimal) and f"proof.fact.{name}" in texts:
            return say(f"fact.{name}", number=f"{value:f}")
        if name in ("kind", "reason") and value is not None:
            return self._value(name, value)
        return say("fact.other", label=label(name), value=self._value(name, value))

    def _value(self, name: str, value: Scalar | None) -> Text:
        if name == "kind" and value is not None:
            found = self.pack.kinds.get(str(value))
            return Text(zh=found.zh, en=found.en) if found else plain(value)
        table = _WORDS.get(name)
        if isinstance(value, bool):
            return word("yes", str(value).lower())
        return word("yes", "none") if value is None else word(table or "", value)

    def _cell(self, name: str, cell: str) -> Text:
        return say("cell", column=label(name), cell=cell)


_WORDS = {
    "reason": "reason",
    "source": "source",
    "asked": "handoff",
    "not_taken": "handoff",
    "tier": "tier",
}


def word_of_table(name: str) -> Text:
    path = f"explain.table.{name}"
    if path in texts:
        return Text(zh=texts(path, "zh"), en=texts(path, "en"))
    return plain(name)


def kinds_of_bodies(kinds: Iterable[str]) -> Text:
    return listed(word("body_kind", kind) for kind in kinds)
