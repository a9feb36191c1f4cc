"""Values, events and states: the grammar in which every service speaks.

Pure: no clock, no database, no broker.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, NamedTuple, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.events.errors import UnknownEventError


class Value(BaseModel):
    """Something that never changes. Unknown fields are refused when it is made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def model_copy(
        self, *, update: Mapping[str, Any] | None = None, deep: bool = False
    ) -> Self:
        """The same with other values, which are not validated.

        Shares the values that stay, as they never change: histories are folded with
        this, and the library's own takes ten times as long.
        """
        changes = update or {}
        other = object.__new__(type(self))
        object.__setattr__(other, "__dict__", {**self.__dict__, **changes})
        known = self.__pydantic_fields_set__ | changes.keys()
        object.__setattr__(other, "__pydantic_fields_set__", known)
        object.__setattr__(other, "__pydantic_extra__", None)
        object.__setattr__(other, "__pydantic_private__", None)
        return other


_classes: dict[str, type[DomainEvent]] = {}


class DomainEvent(Value):
    """Something that happened, in the past tense.

    The name and shape on the class line are a promise to every stored row and every
    agency that listens. The class may move or be renamed; the stored name may not, and
    a changed shape gets a higher number and a reader in `older.py`.
    """

    event_name: ClassVar[str]
    stored_name: ClassVar[str]
    is_public: ClassVar[bool]

    def __init_subclass__(
        cls, *, name: str, shape: int = 1, public: bool = True, **kwargs: Any
    ) -> None:
        super().__init_subclass__(**kwargs)
        cls.event_name, cls.is_public = name, public
        cls.stored_name = f"{name}.v{shape}"
        if other := _classes.get(cls.stored_name):
            words = f"{cls.__name__} and {other.__name__} both claim {cls.stored_name}"
            raise TypeError(words)
        _classes[cls.stored_name] = cls


def event_class(stored_name: str) -> type[DomainEvent]:
    """The class that reads rows stored under this name.

    Raises `UnknownEventError` for a name of a newer release or of nobody.
    """
    try:
        return _classes[stored_name]
    except KeyError:
        raise UnknownEventError(stored_name) from None


def event_classes() -> list[type[DomainEvent]]:
    """Every event class there is, by stored name."""
    return [_classes[name] for name in sorted(_classes)]


class Actor(Value):
    """Who acted: a body (机构), the official's work name, and the role acted in.

    `person` is the work name of an official, never of a party.
    """

    body: str
    person: str | None = None
    role: str | None = None


def system(service: str) -> Actor:
    """The software itself, acting by rule in one of its services."""
    return Actor(body="fengqiao", role=service)


class Recorded(NamedTuple):
    """An event with its place in the history of one dispute.

    `occurred_at` is the time as told, `recorded_at` ours; both are aware.
    `cause` is a command's id, or
    `speaker:version` of the event reacted to.
    """

    speaker: str
    dispute: UUID
    version: int
    occurred_at: datetime
    recorded_at: datetime
    actor: Actor
    cause: str
    event: DomainEvent

    @property
    def id(self) -> str:
        """The event's one name everywhere, also its CloudEvents id."""
        return f"{self.speaker}:{self.dispute}:{self.version}"

    @property
    def place(self) -> str:
        """How other events of the same dispute name this one as their cause."""
        return f"{self.speaker}:{self.version}"


class State(Value):
    """What a service remembers of one dispute."""

    def evolve(self, event: DomainEvent) -> Self:
        """Remember what happened. Never refuses."""
        return self

    def check(self) -> None:
        """Raise `InvariantBrokenError` if this state must never be. Asked before recording."""
