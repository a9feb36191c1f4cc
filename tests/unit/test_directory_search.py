"""The order in which bodies are looked for, and that it misses none: against all bodies."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.routing.decider import is_below
from services.routing.directory import Directory, Sought, Told, archived
from services.routing.directory_archive import digest_of, restored
from shared.bodies import BodyKind, Preference, Resolution
from shared.divisions import codes_above
from shared.events.vocabulary import Tier
from shared.region import Region
from shared.region_lineage import former_digest_of_line, lineage
from shared.region_rows import directory_files
from tests.unit.directory_given import body, division, region_of

HISTORIES = Path(__file__).parents[1] / "histories"
COUNTY, TOWN, VILLAGE = "330681", "330681109", "330681109201"
OLD_TOWN, OLD_VILLAGE = "330681108", "330681108201"
DAY = date(2026, 3, 2)
TOWN_PMC, SOCIAL = BodyKind.PMC_TOWNSHIP, BodyKind.PMC_SOCIAL
ROOM, POLICE = BodyKind.ROOM_POLICE, BodyKind.POLICE_STATION
PLACES = [
    division(COUNTY),
    division(TOWN),
    division(VILLAGE),
    division(OLD_TOWN, valid_to="2024-12-31", successor=TOWN),
    division(OLD_VILLAGE),  # its town merged, its own code stayed
]


def found(bodies, *prefer, kinds=(TOWN_PMC, SOCIAL, ROOM), **more):
    directory = Directory(region_of(PLACES, bodies), Resolution(prefer=prefer))
    plain = {"kind": "medical", "place": VILLAGE, "day": DAY}
    return directory.find(Sought(kinds=kinds, **{**plain, **more}))


# What a pack prefers

TOWNS = body("town", TOWN)
MEDICAL = body("medical", COUNTY, SOCIAL, fields={"medical"})
STATION = body("station", TOWN, POLICE)
STATIONED = body("stationed", TOWN, ROOM, host="station")


def test_without_a_preference_the_order_of_the_rule_counts():
    assert found([MEDICAL, TOWNS]).body.id == "town"


def test_a_specialised_body_goes_first_if_the_rules_prefer_it():
    told = found([MEDICAL, TOWNS], Preference.SPECIALISED)
    assert told.body.id == "medical"
    assert told.steps[0] == (Told.SPECIALISED, "medical", "medical")
    assert found([MEDICAL, TOWNS], Preference.SPECIALISED, kind="traffic").body == TOWNS


def test_the_room_that_stands_with_the_sender_goes_first():
    bodies = [TOWNS, STATION, STATIONED, body("other-room", TOWN, ROOM, host="x")]
    told = found(bodies, Preference.STATIONED, sender="station")
    assert told.body.id == "stationed"
    assert told.steps[0] == (Told.STATIONED, "stationed", "station")
    assert found(bodies, Preference.STATIONED, sender="elsewhere").body.id == "town"


def test_a_kind_of_body_can_be_preferred_too():
    told = found([TOWNS, STATIONED], ROOM)
    assert told.body.id == "stationed"
    assert told.steps[0] == (Told.PREFERRED, "stationed", ROOM)


def test_the_first_preference_counts_before_the_second():
    bodies = [MEDICAL, STATIONED]
    both = Preference.STATIONED, Preference.SPECIALISED
    assert found(bodies, *both, sender="station").body.id == "stationed"
    assert found(bodies, *reversed(both), sender="station").body.id == "medical"


def test_a_body_of_a_chamber_is_for_its_members_only():
    member = {"organisation": "firm-1", "member_of": "chamber", "valid_from": DAY}
    chamber = body("chamber-pmc", TOWN, SOCIAL, chambers={"chamber"}, members=[member])
    bodies = [TOWNS, chamber]
    prefer = Preference.ORGANISATION
    assert found(bodies, prefer).body.id == "town"
    assert found(bodies, prefer, organisation="firm-2").body.id == "town"
    assert found(bodies, prefer, organisation="chamber").body.id == "chamber-pmc"
    told = found(bodies, prefer, organisation="firm-1")
    assert told.steps[0] == (Told.ORGANISATION, "chamber-pmc", "firm-1")
    before = DAY - timedelta(days=1)  # the firm was no member yet
    assert found(bodies, prefer, organisation="firm-1", day=before).body.id == "town"


def test_whoever_is_responsible_for_the_grid_goes_first_but_takes_others_too():
    grid = body("grid-pmc", COUNTY, SOCIAL, grids={"shops"})
    prefer = Preference.ORGANISATION
    assert found([TOWNS, grid], prefer, organisation="shops").body.id == "grid-pmc"
    assert found([grid], prefer).body.id == "grid-pmc"


# Places that merged


def test_a_village_lies_in_the_town_that_took_over_its_own():
    told = found([TOWNS], place=OLD_VILLAGE)
    assert told.body.id == "town"
    assert told.steps[0] == (Told.PLACE_SUCCEEDED, OLD_TOWN, TOWN)


def test_a_town_that_merged_is_searched_by_its_old_code_before():
    bodies = [TOWNS, body("old", OLD_TOWN, valid_to="2024-12-31")]
    assert found(bodies, place=OLD_VILLAGE, day=date(2024, 12, 31)).body.id == "old"
    assert found(bodies, place=OLD_VILLAGE, day=date(2025, 1, 1)).body.id == "town"


def test_codes_that_lead_into_each_other_end_the_search():
    places = [
        division(COUNTY, valid_to="2020-01-01", successor=TOWN),
        division(TOWN, valid_to="2020-01-01", successor=COUNTY),
    ]
    directory = Directory(region_of(places, []))
    sought = Sought((TOWN_PMC,), "medical", TOWN, DAY)
    assert directory.find(sought).body is None


# A version that is kept


@pytest.mark.parametrize("name", ["sample", "changji"])
def test_a_directory_that_was_kept_is_the_same_when_it_is_read_again(name):
    region = Region.load(name)
    kept = archived(region)
    again = Directory.restored(kept)
    assert again.version == region.digest
    assert again.region.bodies == region.bodies
    assert archived(again.region) == kept
    assert digest_of(kept) == region.digest


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("bodies.csv", b"pmc-manas-town", b"pmc-manas-tawn"),
        ("region.toml", b"Changji Hui", b"Changjo Hui"),
        ("region.toml", b'"xinjiang"', b'"china"'),
        ("above/1/region.toml", b'"entrusted_mediation"', b'"designate"'),
    ],
)
def test_a_kept_directory_that_was_changed_has_another_digest(file, old, new):
    kept, changed = archived(Region.load("changji")), BytesIO()
    with ZipFile(BytesIO(kept)) as before, ZipFile(changed, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            assert name != file or old in content
            after.writestr(name, content.replace(old, new) if name == file else content)
    assert digest_of(kept) == Region.load("changji").digest
    assert digest_of(changed.getvalue()) != digest_of(kept)


def test_a_directory_that_had_its_former_digest_keeps_it():
    now = Region.load("changji")
    files = directory_files(now.folder)
    former = former_digest_of_line(lineage(now.folder), *files)
    kept = archived(replace(now, digest=former))
    assert digest_of(kept) == restored(kept).digest == former != now.digest
    assert archived(restored(kept)) == kept


@pytest.mark.parametrize("history", ["sample-2025.2", "sample-2026.1"])
def test_a_directory_that_was_kept_without_its_heads_is_still_read(history):
    kept = (HISTORIES / history / "directory.zip").read_bytes()
    region = restored(kept)
    assert restored(archived(region)).digest == region.digest


def test_bytes_that_are_no_directory_have_no_digest():
    kept = archived(Region.load("sample"))
    unnamed = kept.replace(b"directory.json", b"directory.jsom")
    assert digest_of(b"") is digest_of(kept[: len(kept) // 2]) is None
    assert digest_of(unnamed) is None
    for place in range(0, len(kept), 997):
        broken = kept[:place] + bytes([kept[place] ^ 1]) + kept[place + 1 :]
        assert digest_of(broken) in (None, Region.load("sample").digest)


# Against a search through all bodies

KINDS = st.sampled_from([TOWN_PMC, SOCIAL, ROOM, POLICE])
CODES = st.sampled_from([COUNTY, TOWN, VILLAGE, OLD_TOWN, OLD_VILLAGE])
DAYS = st.dates(date(2024, 12, 30), date(2025, 1, 2))
SOME_DISPUTES = st.frozensets(st.sampled_from(["medical", "traffic"]), max_size=2)
SOME_ORGANISATIONS = st.frozensets(st.sampled_from(["c1", "c2"]), max_size=1)


@st.composite
def bodies(draw):
    made = []
    for number in range(draw(st.integers(0, 7))):
        posts = draw(st.sampled_from([(), ("2024-01-01",), ("2025-01-01",)]))
        more = {
            "fields": draw(SOME_DISPUTES),
            "chambers": draw(SOME_ORGANISATIONS),
            "host": draw(st.sampled_from([None, "station"])),
            "valid_to": draw(st.none() | DAYS),
            "acceptors": [{"acceptor": "desk", "valid_from": day} for day in posts],
        }
        made.append(body(f"b{number}", draw(CODES), draw(KINDS), **more))
    return made


def as_of(code, day):
    ended = code == OLD_TOWN and day > date(2024, 12, 31)
    return TOWN if ended else code


def by_hand(bodies, sought, prefer):
    """The same by looking at every body, in the words of the rules."""
    here = as_of(sought.place, sought.day)
    around = [here]
    for up in codes_above(here):
        around += [as_of(up, sought.day)] if up in {p.code for p in PLACES} else []

    def fits(b):
        return (
            b.kind in sought.kinds
            and b.place in around
            and (not b.fields or sought.kind in b.fields)
            and (not b.chambers or sought.organisation in b.chambers)
            and not is_below(b.tier, sought.from_tier)
            and b.id not in sought.skip
            and (b.valid_to is None or sought.day <= b.valid_to)
            and (not b.acceptors or b.acceptors[0].valid_from <= sought.day)
        )

    def wanted(b):
        counts = {
            Preference.STATIONED: b.host is not None and b.host == sought.sender,
            Preference.SPECIALISED: sought.kind in b.fields,
            Preference.ORGANISATION: sought.organisation in b.chambers,
        }
        worse = [not counts[one] for one in prefer]
        return [*worse, sought.kinds.index(b.kind), around.index(b.place), b.id]

    return min(filter(fits, bodies), key=wanted, default=None)


@settings(max_examples=300, deadline=None)
@given(
    bodies(),
    st.builds(
        Sought,
        kinds=st.lists(KINDS, min_size=1, max_size=3, unique=True).map(tuple),
        kind=st.sampled_from(["medical", "neighbour"]),
        place=CODES,
        day=DAYS,
        from_tier=st.sampled_from([None, Tier.TOWN, Tier.COUNTY]),
        skip=st.sampled_from([{}, {"b0": Told.PASSED_OVER}]),
        public=st.just(False),
        organisation=st.sampled_from([None, "c1"]),
        sender=st.sampled_from([None, "station"]),
        at=st.none(),
        awake=st.just(True),
    ),
    st.lists(st.sampled_from(Preference), max_size=3, unique=True).map(tuple),
)
def test_the_body_found_is_the_one_that_a_search_through_all_bodies_finds(
    bodies, sought, prefer
):
    directory = Directory(region_of(PLACES, bodies), Resolution(prefer=prefer))
    assert directory.find(sought).body == by_hand(bodies, sought, prefer)
