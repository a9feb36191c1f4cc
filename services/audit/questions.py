"""What may be asked of audit, as it comes from a URL or a command line.

Every parameter that does not fit is refused with a reason in Chinese and English.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Annotated, Self, TypeVar

from pydantic import (
    AwareDatetime,
    BeforeValidator,
    Field,
    ValidationError,
    model_validator,
)

from services.audit.messages import Text, messages
from services.field_names import as_field
from shared.calendar import SHANGHAI
from shared.events.base import Actor, Value
from shared.events.errors import MalformedMessageError

_YEARS = range(1900, 2200)

Wanted = TypeVar("Wanted", bound=Value)


def moment(told: object) -> object:
    """A time as people write it: in Beijing if not said otherwise, a day by its end."""
    if not isinstance(told, str):
        return told
    if len(told) <= len("2026-03-02"):
        at = datetime.combine(date.fromisoformat(told), time.max)
    else:
        at = datetime.fromisoformat(told)
    if at.year not in _YEARS:
        raise ValueError("no dispute was ever then")
    return at if at.tzinfo else at.replace(tzinfo=SHANGHAI)


Moment = Annotated[AwareDatetime, BeforeValidator(moment)]


class Reader(Value):
    """Who reads: a body and a person, or nobody by name."""

    reader: str | None = None
    person: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.reader) != bool(self.person):
            raise ValueError("a reader is a body and a person")
        return self

    @property
    def actor(self) -> Actor | None:
        return Actor(body=self.reader, person=self.person) if self.reader else None


class StoryAsked(Reader):
    """A story; with `why_not` also why no decision chose that body or kind of body."""

    why_not: str | None = Field(None, min_length=1, max_length=80)


class Question(Reader):
    """A state at a time, as known at a time: the newest, as known now, if not given."""

    at: Moment | None = None
    known_at: Moment | None = None


NEWEST = Question()


class BadQuestionError(MalformedMessageError):
    """Parameters of a question do not fit; `errors` has a reason for each."""

    def __init__(self, reasons: Mapping[str, Text]) -> None:
        self.reasons = dict(reasons)
        told = "; ".join(f"{field}: {why.en}" for field, why in reasons.items())
        super().__init__(f"cannot answer this question: {told}", fields=sorted(reasons))

    @property
    def errors(self) -> list[dict[str, str]]:
        """The faults as problem details show them."""
        return [
            {"field": field, "reason": "parameter", "zh": why.zh, "en": why.en}
            for field, why in self.reasons.items()
        ]


def read(wanted: type[Wanted], told: Mapping[str, str]) -> Wanted:
    """A question from its parameters. Raises `BadQuestionError`."""
    try:
        return wanted.model_validate(dict(told))
    except ValidationError as error:
        fields = {
            as_field(next(iter(each["loc"]), "reader")) for each in error.errors()
        }
        raise BadQuestionError({f: _reason(f) for f in sorted(fields)}) from None


def _reason(field: str) -> Text:
    known = messages().words["parameter"]
    return known.get(field) or known["unknown"]
