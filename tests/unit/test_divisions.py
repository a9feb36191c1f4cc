"""An ended code leads to the one that took it over; where nobody can tell, it says so."""

from __future__ import annotations

from datetime import date

import pytest

from shared.divisions import (
    Division,
    DivisionNotInForceError,
    Divisions,
    MalformedDivisionError,
    UnknownDivisionError,
)

DAY = date(2026, 3, 2)


def division(code, first="2000-01-01", last=None, successor=None):
    return Division(
        code=code,
        name=code,
        name_en=code,
        valid_from=first,
        valid_to=last,
        successor=successor,
    )


DIVISIONS = Divisions(
    "330600",
    [
        division("330603", "2013-11-08"),
        division("330604", "2013-11-08"),
        division("330621", last="2013-11-07", successor="330603"),
        division("330601", last="2005-12-31", successor="330621"),
        division("330622", last="2013-11-07", successor="330603 330604"),
        division("330602", last="2005-12-31", successor="330622"),
        division("330623", last="2013-11-07"),
        division("330605", "2027-01-01"),
    ],
)


@pytest.mark.parametrize(
    ("code", "day", "current"),
    [
        ("330603", DAY, "330603"),
        # merged or renamed
        ("330621", DAY, "330603"),
        # and what took it over ended too
        ("330601", DAY, "330603"),
        # on its own days it stands for itself
        ("330621", date(2013, 11, 7), "330621"),
        ("330601", date(2013, 11, 7), "330621"),
        ("330622", date(2013, 11, 7), "330622"),
    ],
)
def test_a_code_leads_to_the_one_in_force_on_the_day(code, day, current):
    assert DIVISIONS.current(code, day).code == current


@pytest.mark.parametrize(
    ("code", "place", "successor"),
    [
        # split: nobody can tell which part is meant, also at the end of a chain
        ("330622", "330622", "330603, 330604"),
        ("330602", "330622", "330603, 330604"),
        # ended, and nothing took it over
        ("330623", "330623", "—"),
        # not yet
        ("330605", "330605", "—"),
    ],
)
def test_a_code_that_leads_to_none_or_several_is_refused(code, place, successor):
    with pytest.raises(DivisionNotInForceError) as refused:
        DIVISIONS.current(code, DAY)

    facts = refused.value.facts
    assert (facts["place"], facts["successor"]) == (place, successor)


def test_what_is_no_code_and_what_never_was_are_told_apart():
    with pytest.raises(MalformedDivisionError):
        DIVISIONS.current("33068", DAY)
    with pytest.raises(UnknownDivisionError):
        DIVISIONS.current("330699", DAY)


def test_every_part_of_a_split_place_is_a_successor():
    assert DIVISIONS.took_over("330603") and DIVISIONS.took_over("330604")
    assert DIVISIONS.today("330622", DAY) == ("330622",)
