"""Administrative divisions (行政区划) and when their codes were in force.

Pure. A code of 6, 9 or 12 digits names a county, a township or a village; the division
above is found from the digits. Codes end when places merge or are renamed, so every
question about a code is a question about a day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property

from shared.events.base import Value
from shared.events.errors import FengqiaoError

_SHAPE = re.compile(r"[1-9]\d{5}(\d{3}){0,2}", re.ASCII)


class MalformedDivisionError(FengqiaoError):
    """What was given as a division code is none."""

    code = "division-malformed"

    def __init__(self, given: str) -> None:
        shown = given[:20]
        super().__init__(
            f"{shown!r} is no division code: give 6 digits for a county, 9 for a "
            "township or 12 for a village",
            place=shown,
        )


class UnknownDivisionError(FengqiaoError):
    """A well-formed code that this region has never had."""

    code = "division-unknown"

    def __init__(self, place: str, region: str) -> None:
        super().__init__(
            f"no division {place} is known in region {region}; look it up in "
            "divisions.csv, or give the code of the township or county",
            place=place,
            region=region,
        )


class DivisionNotInForceError(FengqiaoError):
    """A code that was not in force on the day that counts."""

    code = "division-not-in-force"

    def __init__(self, division: Division, day: date) -> None:
        self.division, self.day = division, day
        until = division.valid_to or "—"
        instead = ", ".join(division.successors) or "—"
        super().__init__(
            f"division {division.code} was in force from {division.valid_from} to "
            f"{until}, not on {day}; its successor is {instead}",
            place=division.code,
            day=str(day),
            valid_from=str(division.valid_from),
            valid_to=str(until),
            successor=instead,
        )


class Division(Value):
    """A place with a code. `valid_to` is its last day; `successor` took it over.

    Where several did, each a part, their codes stand there with spaces between.
    """

    code: str
    name: str
    name_en: str
    valid_from: date
    valid_to: date | None = None
    successor: str | None = None

    @property
    def successors(self) -> tuple[str, ...]:
        """All that took it over: more than one if it was split."""
        return tuple((self.successor or "").split())

    def in_force(self, day: date) -> bool:
        return self.valid_from <= day and (
            self.valid_to is None or day <= self.valid_to
        )


class Divisions:
    """All divisions of a region, those that have ended too."""

    def __init__(self, region: str, divisions: Iterable[Division]) -> None:
        self._region = region
        self._all = {division.code: division for division in divisions}

    def __iter__(self) -> Iterator[Division]:
        return iter(self._all.values())

    def __contains__(self, code: str) -> bool:
        return code in self._all

    def named(self, code: str) -> Division | None:
        """The division with this code, whether or not it is in force."""
        return self._all.get(code)

    def took_over(self, code: str) -> bool:
        """Whether it is the successor of another division."""
        return code in self._successors

    @cached_property
    def _successors(self) -> frozenset[str]:
        return frozenset(code for division in self for code in division.successors)

    def get(self, code: str, on: date) -> Division:
        """The division with exactly this code, in force on that day.

        Raises `MalformedDivisionError`, `UnknownDivisionError`, or
        `DivisionNotInForceError`, which names the days and the successor.
        """
        if not is_division_code(code):
            raise MalformedDivisionError(code)
        if not (division := self._all.get(code)):
            raise UnknownDivisionError(code, self._region)
        if not division.in_force(on):
            raise DivisionNotInForceError(division, on)
        return division

    def current(self, code: str, on: date) -> Division:
        """The division in force on that day that this code, or its last successor, names.

        Raises as `get` does. Where a division was split nobody can tell which part is
        meant, so `DivisionNotInForceError` names them all.
        """
        if not is_division_code(code):
            raise MalformedDivisionError(code)
        return self.get(self.today(code, on)[-1], on)

    def ancestors(self, code: str) -> tuple[Division, ...]:
        """The divisions around this one, the nearest first."""
        return tuple(self._all[up] for up in codes_above(code) if up in self._all)

    def around(self, code: str, on: date) -> tuple[tuple[str, ...], ...]:
        """The place and all places around it, the nearest first, as of that day.

        Each is the chain of codes that led to the one in force, as `today` gives it: a
        village whose town has merged lies in the town that took it over.
        """
        found = [self.today(code, on)]
        passed = {code}
        while (up := self._listed_above(found[-1][-1])) and up not in passed:
            passed.add(up)
            found.append(self.today(up, on))
        return tuple(found)

    def _listed_above(self, code: str) -> str | None:
        return next((up for up in codes_above(code) if up in self._all), None)

    def today(self, code: str, on: date) -> tuple[str, ...]:
        """This code and those that took it over, up to the one in force on that day."""
        chain = [code]
        while (ended := self._all.get(chain[-1])) and not ended.in_force(on):
            if len(ended.successors) != 1 or ended.successors[0] in chain:
                break
            chain += ended.successors
        return tuple(chain)

    @cached_property
    def counties(self) -> tuple[Division, ...]:
        """The counties, districts and county-level cities of the region."""
        return tuple(division for division in self if is_county(division.code))


def is_division_code(text: str) -> bool:
    return bool(_SHAPE.fullmatch(text))


def covers(place: str, other: str) -> bool:
    """Whether a division is the other one, or around it, going by the digits."""
    return place == other or place in codes_above(other)


def is_county(code: str) -> bool:
    """Whether a code is that of a county, a district or a county-level city."""
    return len(code) == 6 and not code.endswith("00")


def parent_of(code: str) -> str | None:
    """The code one level up; None for a province."""
    return next(iter(codes_above(code)), None)


def codes_above(code: str) -> tuple[str, ...]:
    levels = (code[:9], code[:6], code[:4] + "00", code[:2] + "0000")
    above = (up for up in levels if len(up) <= len(code) and up != code)
    return tuple(dict.fromkeys(above))
