"""What `region.toml` says of a region and its rules. Pure; read by `region_lineage`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from shared.bodies import BodyKind, Kind, Profile
from shared.calendar import NATIONAL
from shared.events.base import Value
from shared.resolution import Resolution

Name = Annotated[str, Field(min_length=1, pattern=r"^[^\s@/]+$")]


class Linkage(Value):
    """The bodies that work together (四所一庭 and the like): a setting."""

    name: str
    name_en: str
    members: tuple[BodyKind, ...]


class TakingOver(Value):
    """What becomes of disputes that are open when these rules come into force."""

    open_disputes: Literal["keep", "take_over"] = "keep"


class TableChanges(Value):
    """What a region leaves out of a table that it inherits."""

    omit: tuple[str, ...] = ()


class LawSource(Value):
    """A legal text that rules cite: its short name, title and the version read."""

    code: str
    title: str
    read: str = ""
    provisional: bool = False


class Head(Value):
    """`region.toml` of a region, with all that it inherits. `version` is its own name
    for its rules, such as `shaoxing-2026.1`. `calendar` names the days off that hold
    there; which they are, the calendar says, and a notice may come any time.
    """

    code: Name
    name: str
    name_en: str
    version: Name | None = None
    inherits: str | None = None
    valid_from: date
    valid_to: date | None = None
    linkage: Linkage
    kinds: tuple[Kind, ...]
    profiles: tuple[Profile, ...]
    resolution: Resolution = Resolution()
    taking_over: TakingOver = TakingOver()
    calendar: Name = NATIONAL
    tables: Mapping[str, TableChanges] = Field(default_factory=dict)
    sources: tuple[LawSource, ...] = ()
