"""What can be wrong with a decision table, where, and the errors that say so.

The words stand in `messages.toml` beside this file, Chinese first. Nothing is repaired
and nothing guessed: a file is loaded whole or refused with all that is wrong in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from services.routing.dmn.reasons import Why as Why
from services.texts import Language, Texts
from shared.events.errors import FengqiaoError

texts = Texts("services.routing.dmn")
MOST_TOLD = 50
_BETWEEN: dict[Language, tuple[str, str]] = {"zh": ("，", "："), "en": (", ", ": ")}


class Place(NamedTuple):
    """Where something is: only as much as applies is filled."""

    file: str = ""
    decision: str = ""
    row: str = ""
    column: str = ""

    def told(self, language: Language) -> str:
        comma, _ = _BETWEEN[language]
        known = ((name, fact) for name, fact in self._asdict().items() if fact)
        return comma.join(
            texts(f"place.{name}", language, **{name: fact}) for name, fact in known
        )


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong (or noted), where, and its facts."""

    why: str
    place: Place
    facts: Mapping[str, object]

    def words(self, language: Language) -> str:
        return texts(self.why, language, **self.facts)

    def told(self, language: Language) -> str:
        """The words with the place before them."""
        _, colon = _BETWEEN[language]
        return f"{self.place.told(language)}{colon}{self.words(language)}"


class DmnError(FengqiaoError):
    """Something about a decision table; `faults` are all that were found."""

    code = "dmn"

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        first = faults[0]
        lines = [f"{f.told('zh')} / {f.told('en')}" for f in faults[:MOST_TOLD]]
        facts = {**first.facts, **first.place._asdict(), "why": str(first.why)}
        super().__init__("\n".join(lines))
        self.facts = facts

    @property
    def errors(self) -> list[dict[str, str]]:
        """The faults as problem details show them, each with its place."""
        return [
            {
                "field": fault.place.told("zh"),
                "reason": str(fault.why),
                "zh": fault.words("zh"),
                "en": fault.words("en"),
                **{name: fact for name, fact in fault.place._asdict().items() if fact},
            }
            for fault in self.faults
        ]


class DmnRefusedError(DmnError):
    """A file is not loaded; what was in force stays in force."""

    code = "dmn-refused"


class DmnInputError(DmnError):
    """A decision was asked with names or values that it cannot take."""

    code = "dmn-input"


class DmnConflictError(DmnError):
    """Several rows fit, or none does, where the table must give exactly one answer."""

    code = "dmn-conflict"


class UnreadableError(Exception):
    """A text or value cannot be taken; whoever knows the place tells it."""

    def __init__(self, why: Why, **facts: object) -> None:
        super().__init__(why)
        self.why, self.facts = why, facts


def refused(why: Why, place: Place, **facts: object) -> DmnRefusedError:
    return DmnRefusedError(Fault(why, place, facts))


class Faults:
    """Gathers what is wrong, so that all of it can be told at once."""

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def add(self, why: Why, place: Place, **facts: object) -> None:
        self.found.append(Fault(why, place, facts))

    @contextmanager
    def at(self, place: Place) -> Iterator[None]:
        """What cannot be read inside is noted as being here, and left out."""
        try:
            yield
        except UnreadableError as error:
            self.add(error.why, place, **error.facts)

    def stop(self) -> None:
        """Raises `DmnRefusedError` if anything was found."""
        if self.found:
            raise DmnRefusedError(*self.found)
