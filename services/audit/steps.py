"""What a story is made of: steps, and who read them. As JSON they leave nothing out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, Field, SerializeAsAny

from services.audit.messages import Text
from services.audit.views import Row
from shared.events.base import DomainEvent, Value
from shared.events.routing import FiredRow


class About(Row):
    """The row of the ledger, with words beside its codes."""

    words: dict[str, Text]


class Who(Value):
    """Who acted: the body (机构), the official's work name, the role."""

    body: str
    name: Text
    person: str | None = None
    role: str | None = None


class Ground(FiredRow):
    """A row that decided, in words of its own tables if they are at hand, else of newer
    ones; None if it is gone.
    """

    zh: str | None = None
    en: str | None = None


class Sought(Text):
    """A step by which a body was found or passed over (查找步骤)."""

    code: str


class Told(Text):
    """What routing tells of its decision: in words, with `more` of them and the law that
    it stands on, and as `data`, the same that its own explanation gives.
    """

    more: tuple[Text, ...] = ()
    legal_basis: str = ""
    provisional: bool = False
    data: dict[str, Any]


class Ask(Text):
    """Where to ask why it was no other body: a command, and a `link`."""

    link: str


class Beside(Value):
    """What the record of a decision does not tell; see `services.audit.reasons`."""

    rows: tuple[Ground, ...] = ()
    handoff: Told | None = None
    linkage: Told | None = None


class Why(Value):
    """The rows of tables that decided and their versions; what it was a reaction to.

    `search` tells how the body was found, `facts` what routing saw. `step` is the
    number of the step that caused it; None if a command did, whose id `cause` then is.
    A decision has the terms of its `handoff` and who is a member of the `linkage`, and
    `why_not` if that was asked, else where to `ask` it.
    """

    rows: tuple[Ground, ...]
    search: tuple[Sought, ...] = ()
    facts: tuple[Text, ...] = ()
    handoff: Told | None = None
    linkage: Told | None = None
    why_not: Told | None = None
    ask: Ask | None = None
    versions: dict[str, str]
    cause: str
    step: int | None = None


class ClockLine(Value):
    """A limit (期限) that this step speaks of. `provisional` is 暂定."""

    name: str
    words: Text
    due: AwareDatetime
    provisional: bool = False
    legal_basis: str | None = None


class Step(Value):
    """One thing that happened: when, when we learned it, who, what, why, until when.

    `data` is all that was told, with sealed values replaced; `event` is for our own use
    and None if this release cannot read it.
    """

    number: int
    place: str
    name: str
    occurred_at: AwareDatetime
    recorded_at: AwareDatetime
    who: Who
    what: Text
    why: Why
    clocks: tuple[ClockLine, ...] = ()
    data: dict[str, Any]
    event: SerializeAsAny[DomainEvent] | None = Field(None, exclude=True)


class Reading(Value):
    """That a named person looked at this story, or at the state at a time."""

    who: Who
    what: str
    read_at: AwareDatetime
    at: AwareDatetime | None = None
    known_at: AwareDatetime | None = None


class Used(Value):
    """Versions of tables and directory, and the steps that were decided with them.

    `present` is false if those tables are not at hand, so that the words of their rows
    may have been others.
    """

    versions: dict[str, str]
    steps: tuple[int, ...]
    present: bool


class Story(Value):
    """All steps of a dispute, what they were decided with, and who has read them."""

    dispute: UUID
    code: str | None
    about: About
    steps: tuple[Step, ...]
    versions: tuple[Used, ...] = ()
    readings: tuple[Reading, ...] = ()
