"""What a regional calendar says beside the one it inherits: local festivals, by year.

Pure. Some autonomous regions have statutory days off of their own; their governments
settle the days each year. A year that no local notice covers is not settled.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.calendar_year import Notice

Text = Annotated[str, Field(min_length=1)]


class LocalHead(BaseModel):
    """`calendar.toml` of a regional calendar: what it is called and builds on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Text
    name_en: Text
    inherits: Annotated[str, Field(pattern=r"^[^\s./\\][^\s/\\]*$")]


class LocalYear(Notice):
    """The local notice of a year: only the days on which it differs.

    One that is provisional was not held against the notice itself.
    """

    basis: Text
    provisional: bool = False


class Local(BaseModel):
    """The local notices of one calendar. `name` is that of its folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Text
    years: tuple[LocalYear, ...] = ()

    def settles(self, year: int) -> bool:
        return any(one.year == year and not one.provisional for one in self.years)

    def days(self) -> dict[date, bool]:
        """The days that it names, and whether each is worked."""
        found: dict[date, bool] = {}
        for year in self.years:
            found |= dict.fromkeys(year.holidays, False)
            found |= dict.fromkeys(year.workdays, True)
        return found

    def told(self) -> Iterator[str]:
        """What of it can make an answer differ, beside the days."""
        yield from (f"{self.name} {one.year} {one.provisional:d}" for one in self.years)
