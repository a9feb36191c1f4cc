"""A pack that two people published decides what is registered from its day on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from importlib import resources
from pathlib import Path
from shutil import copytree
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from services.compose import House
from services.routing.dmn import DmnRefusedError
from services.routing.packs import Pack
from services.routing.publishing import Archive, Content, Publishing, service
from services.routing.publishing.commands import Draft
from services.routing.publishing.directories import Directories
from services.routing.publishing.packs import PublishedPacks
from services.routing.publishing.people import Person
from services.routing.publishing.shipped import shipped
from services.routing.service import RoutingService
from services.settings import Settings
from shared.events.base import State, system
from shared.events.errors import RefusedError
from shared.events.escalation import RouteRequested
from shared.events.facts import Facts
from shared.events.inbox import Inbox
from shared.events.rules import Backtest, Certificate
from shared.events.store import Service
from shared.events.tail import hear
from shared.region import Region
from tests.conftest import MONDAY

HE = Person(by="justice-zhuji", person="official-01")
SHE = Person(by="justice-zhuji", person="official-02")
TODAY = MONDAY.date()
REGION = Region.load("sample")
FORMER = Pack.load("sample")
FACTS = Facts(
    source="police",
    sender="police-fengqiao",
    kind="neighbour",
    place="330681109201",
    persons=2,
    side=1,
    asked="referral",
)


class Asking(Service):
    """Escalation as far as routing hears it."""

    name = "escalation"
    empty = State()

    def ask(self, dispute, request, reason="registered"):
        asked = RouteRequested(
            request=request, reason=reason, holder=FACTS.sender, facts=FACTS
        )
        actor = system(self.name)
        self.decide(dispute, f"ask/{request}", lambda _: [asked], actor=actor)


class County:
    """One region's routing with its rules, over a real store."""

    def __init__(self, database):
        self.publishing = Publishing(database, REGION.code)
        self.archive = Archive(database)
        self.packs = PublishedPacks(self.publishing, self.archive, FORMER)
        self.routing = RoutingService(database, REGION, self.packs.shelf)
        self.asking = Asking(database)
        self.inbox = Inbox(self.routing)
        for each in (self.routing, self.asking):
            each.migrate()
        self.packs.begin(REGION)

    def decided(self, dispute, request=1, reason="registered"):
        """The version of the rules that answered, and the row that named the lead."""
        self.asking.ask(dispute, request, reason)
        hear(self.inbox, self.asking)
        routed = self.routing.history(dispute)[-1].event
        assert routed.request == request
        lead = next(row.row for row in routed.rows if row.table == "lead")
        return routed.versions["table"], lead

    def publish(self, pack, first, last=None):
        self.archive.put(pack.digest, Content.PACK, pack.archive())
        draft = Draft(
            pack=pack.digest,
            version=pack.version,
            certificate=Certificate(
                digest="c", pack=pack.digest, directory=REGION.digest, passed=True
            ),
            backtest=Backtest(
                digest="b", pack=pack.digest, disputes=0, flips=0, unanswered=0
            ),
            reason="样例",
            valid_from=first,
            until=last,
            emergency=last is not None,
        )
        number = self.publishing.propose(HE, draft)
        for who in (HE, SHE):
            self.publishing.approve(who, number)
        self.publishing.publish(HE, number)
        return number

    def close(self):
        for each in (self.publishing, self.routing, self.asking):
            each.close()


@pytest.fixture
def county(database, monkeypatch):
    monkeypatch.setattr(service, "LOOK_AFTER", 0)
    found = County(database)
    yield found
    found.close()


@pytest.fixture(scope="module")
def later(tmp_path_factory):
    """The sample's pack with one row more, which neighbours' disputes meet first."""
    with resources.as_file(resources.files("shared") / "regions" / "sample") as found:
        folder = Path(copytree(found, tmp_path_factory.mktemp("regions") / "sample"))
    file = folder / "routing.dmn"
    text = file.read_text("utf-8")
    rule = text[text.index("<rule ") : text.index("</rule>") + len("</rule>")]
    added = _neighbours(rule.replace('id="L20"', 'id="L19"'))
    file.write_text(text.replace(rule, f"{added}\n{rule}", 1), "utf-8")
    return Pack.load(folder)


def _neighbours(rule):
    """The same row for neighbours anywhere."""
    before, *entries = rule.split("<inputEntry><text>")
    tests = ["-", '"neighbour"', "-", "-"]
    ends = [entry[entry.index("</text>") :] for entry in entries]
    parts = [t + e for t, e in zip(tests, ends, strict=True)]
    return "<inputEntry><text>".join([before, *parts])


def test_the_next_dispute_meets_the_published_pack_and_an_older_keeps_its_own(
    county, database, later
):
    older, newer = uuid4(), uuid4()
    version, lead = county.decided(older)
    assert version == FORMER.version and lead != "L19"
    county.publish(later, TODAY + timedelta(days=1))
    assert county.decided(uuid4()) == (version, lead)

    database.advance(timedelta(days=1))

    assert county.decided(newer) == (later.version, "L19")
    assert county.decided(older, 2, "reopened") == (version, lead)
    assert county.decided(newer, 2, "reopened") == (later.version, "L19")


def test_an_emergency_holds_at_once_and_the_former_is_back_after_its_end(
    county, database, later
):
    before = county.decided(uuid4())
    county.publish(later, TODAY, TODAY + timedelta(days=1))
    assert county.decided(uuid4()) == (later.version, "L19")

    database.advance(timedelta(days=2))

    assert county.decided(uuid4()) == before


def test_an_emergency_withdrawn_on_its_first_day_decides_nothing_more(
    county, database, later
):
    older, during = uuid4(), uuid4()
    before = county.decided(older)
    number = county.publish(later, TODAY, TODAY + timedelta(days=9))
    assert county.decided(during) == (later.version, "L19")

    county.publishing.withdraw(HE, number, "已排除")

    for dispute in (older, during):
        assert county.decided(dispute, 2, "reopened") == before
    database.advance(timedelta(days=1))
    assert county.decided(during, 3, "reopened") == before
    assert county.publish(later, TODAY + timedelta(days=1), TODAY + timedelta(days=2))


def test_what_has_been_published_decides_in_a_process_that_starts_later(
    county, database, later
):
    county.publish(later, TODAY + timedelta(days=1))
    database.advance(timedelta(days=1))
    elsewhere = County(database)

    assert elsewhere.decided(uuid4()) == (later.version, "L19")
    assert elsewhere.packs.by_version(later.version).digest == later.digest
    assert elsewhere.packs.by_version(FORMER.version) is FORMER
    elsewhere.close()


def test_what_rows_say_is_known_as_soon_as_they_are_published(
    county, later, postgres_url, tmp_path
):
    house = House(
        Settings(data=tmp_path), database_url=postgres_url, keystore_url=postgres_url
    )
    before = house.rule_words
    county.publish(later, TODAY + timedelta(days=1))
    after = house.rule_words
    house.close()

    assert ("lead", "L19") not in before.rows
    assert after.rows["lead", "L19"] == later.words["lead", "L19"]
    assert after.versions.keys() == {FORMER.version, later.version}


def test_a_folder_changed_by_hand_decides_nothing(county, database, later):
    publishing = Publishing(database, REGION.code)
    changed = PublishedPacks(publishing, county.archive, later)
    changed.begin(REGION)

    assert changed.shelf().in_force(TODAY).version == FORMER.version
    publishing.close()


def test_what_is_in_use_and_not_published_is_logged_when_a_process_serves(
    county, database, later
):
    other = replace(REGION, digest="d2")
    changed = PublishedPacks(county.publishing, county.archive, later)
    with capture_logs() as asked:
        changed.begin(REGION)
        county.packs.warn(REGION)
    with capture_logs() as served:
        changed.warn(other)

    assert asked == []
    pack, directory = served
    assert pack["event"] == "shipped_pack_not_in_force"
    assert directory["event"] == "directory_not_published"
    assert (directory["in_folder"], directory["published"]) == ("d2", REGION.digest)


def test_a_pack_that_was_changed_in_the_store_decides_nothing(county, database, later):
    county.archive.put(later.digest, Content.PACK, later.archive())
    with database.transaction() as cursor:
        cursor.execute(
            "UPDATE routing.pack_content SET content = %s WHERE digest = %s",
            [later.archive().replace(b"PMC_VILLAGE", b"PMC_TOWN"), later.digest],
        )
    elsewhere = PublishedPacks(county.publishing, county.archive, FORMER)
    with pytest.raises(RefusedError) as caught:
        elsewhere.shelf().of_dispute(later.version, TODAY)

    assert caught.value.reason == "rules-tampered"


def test_the_directory_of_a_decision_is_found_again(county):
    found = Directories(county.archive).get(REGION.digest)

    assert found.digest == REGION.digest
    assert found.bodies == REGION.bodies


def test_a_published_pack_that_cannot_be_read_changes_nothing(county, later):
    before = county.decided(uuid4())
    bad = replace(later, digest=sha256(b"{}").hexdigest(), content=b"{}")

    county.publish(bad, TODAY, TODAY + timedelta(days=1))

    assert county.decided(uuid4()) == before


def test_an_unsound_file_in_the_folder_leaves_the_rules_in_force(database, tmp_path):
    county = County(database)
    for name in ("sample", "baseline"):
        with resources.as_file(resources.files("shared") / "regions" / name) as found:
            copytree(found, tmp_path / name)
    (tmp_path / "sample" / "routing.dmn").write_text("<definitions", "utf-8")
    broken = Region.load(tmp_path / "sample")

    assert shipped(broken, county.publishing, county.archive).version == FORMER.version
    county.close()


def test_without_rules_in_force_an_unsound_file_is_refused(database, tmp_path):
    for name in ("sample", "baseline"):
        with resources.as_file(resources.files("shared") / "regions" / name) as found:
            copytree(found, tmp_path / name)
    (tmp_path / "sample" / "routing.dmn").write_text("<definitions", "utf-8")
    broken = Region.load(tmp_path / "sample")

    with pytest.raises(DmnRefusedError):
        shipped(broken, Publishing(database, broken.code), Archive(database))
