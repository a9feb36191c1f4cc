"""Rules for a whole region are decided on by public bodies of county tier or above."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.routing.publishing.people import Person, authority
from services.texts import text
from shared.events.errors import RefusedError
from shared.region import Region

REGION = Region.load("sample")
TODAY = date(2026, 3, 2)


def person(body):
    return Person(by=body, person="official-01")


@pytest.mark.parametrize("body", ["justice-zhuji", "court-zhuji", "centre-zhuji"])
def test_a_public_body_of_the_county_decides(body):
    assert dict(authority(person(body), REGION, TODAY)) == dict(person(body))


@pytest.mark.parametrize(
    "body",
    [
        # public, of a town
        "judicial-fengqiao",
        # not public
        "lawfirm-fengqiao",
        # in no directory
        "police-nowhere",
    ],
)
def test_no_other_body_decides_and_it_is_told_who_may(body):
    with pytest.raises(RefusedError) as caught:
        authority(person(body), REGION, TODAY)

    assert caught.value.reason == "rules-by-not-entitled"
    for language in ("zh", "en"):
        told = text("refused.rules-by-not-entitled", language, **caught.value.facts)
        assert body in told and "justice-zhuji" in told


def test_a_body_decides_until_its_last_day():
    ended = REGION.bodies["justice-zhuji"].model_copy(update={"valid_to": TODAY})
    region = replace(REGION, bodies={ended.id: ended})

    for day, may in ((TODAY, True), (TODAY + timedelta(days=1), False)):
        with nullcontext() if may else pytest.raises(RefusedError):
            authority(person(ended.id), region, day)


@pytest.mark.parametrize("name", ["sample", "shaoxing", "changji", "otog", "beijing"])
def test_every_shipped_region_has_bodies_that_decide(name):
    region = Region.load(name)
    assert sum(_decides(body, region) for body in region.bodies) >= 2


def _decides(body, region):
    try:
        return bool(authority(person(body), region, TODAY))
    except RefusedError:
        return False
