"""Whoever waits for a proof on a terminal sees how far it has come."""

from __future__ import annotations

import sys
from io import StringIO

from services.cli.progress import progress
from services.routing import proof
from services.routing.packs import Pack
from shared.bodies import BodyKind
from tests.unit.directory_given import body, division, region_of

COUNTY, TOWN = "330681", "330681109"


class Terminal(StringIO):
    def isatty(self):
        return True


def test_a_proof_tells_how_many_places_are_done():
    told = []
    centre = body("centre", COUNTY, BodyKind.CENTRE_ONE_STOP, public=True)
    region = region_of([division(COUNTY), division(TOWN)], [centre])

    proof.check(Pack.load("baseline"), region, progress=lambda *at: told.append(at))

    done, every = told[-1]
    assert done == every > 0
    assert told == sorted(told)


def test_a_terminal_shows_one_line_and_then_none(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    with progress("rules.proving") as tell:
        tell(3, 8)

    shown = sys.stderr.getvalue()
    assert "第 3 处，共 8 处" in shown and "place 3 of 8" in shown
    assert "\n" not in shown and shown.endswith("\r\x1b[K")


def test_a_pipe_shows_nothing(monkeypatch):
    monkeypatch.setattr(sys, "stderr", StringIO())
    with progress("rules.proving") as tell:
        tell(3, 8)

    assert sys.stderr.getvalue() == ""
