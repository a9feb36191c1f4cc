"""Publications in routing's own store: recorded once, heard by audit, kept by content."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import pytest

from services.audit.service import AuditService
from services.audit.views import Asked
from services.routing import calendar_archive
from services.routing.directory_archive import archived
from services.routing.publishing import Archive, Content, Publishing, service
from services.routing.publishing.commands import Draft
from services.routing.publishing.people import Person
from shared.calendar import load_calendar
from shared.events.database import Database
from shared.events.errors import RefusedError
from shared.events.inbox import Inbox
from shared.events.rules import Backtest, Certificate, PackPublished
from shared.events.tail import hear
from shared.region import Region
from tests.conftest import MONDAY

HE = Person(by="justice-zhuji", person="official-01")
SHE = Person(by="justice-zhuji", person="official-02")
TOMORROW = MONDAY.date() + timedelta(days=1)


@pytest.fixture
def publishing(database: Database):
    found = Publishing(database, "330681")
    found.migrate()
    found.adopt("a", "sample@a", "d1")
    yield found
    found.close()


def draft(pack="b", first=TOMORROW, **more):
    return Draft(
        pack=pack,
        version=f"sample@{pack}",
        certificate=Certificate(digest="c", pack=pack, directory="d1", passed=True),
        backtest=Backtest(digest="t", pack=pack, disputes=9, flips=1, unanswered=0),
        reason="样例",
        valid_from=first,
        **more,
    )


def published(publishing, **told):
    number = publishing.propose(HE, draft(**told))
    for who in (HE, SHE):
        publishing.approve(who, number)
    publishing.publish(HE, number)
    return number


def test_what_was_published_is_in_force_from_its_day_for_every_process(
    publishing, database
):
    elsewhere = Publishing(database, "330681")
    published(publishing)
    state = elsewhere.newest()

    assert state.in_force(MONDAY.date()).version == "sample@a"
    assert state.in_force(TOMORROW).version == "sample@b"
    elsewhere.close()


def test_the_installation_begins_with_a_pack_only_once(publishing, database):
    elsewhere = Publishing(database, "330681")
    elsewhere.adopt("z", "sample@z", "d1")

    assert elsewhere.newest().adopted.version == "sample@a"
    assert len(publishing.history(publishing.stream)) == 1
    elsewhere.close()


def test_a_command_under_its_own_id_is_carried_out_once(publishing):
    first = publishing.propose(HE, draft(), "command-1")
    again = publishing.propose(HE, draft("c"), "command-1")

    assert first == again == 1
    assert len(publishing.newest().proposals) == 1


def test_what_is_refused_changes_nothing(publishing):
    number = publishing.propose(HE, draft())
    publishing.approve(HE, number)

    with pytest.raises(RefusedError, match="two different people"):
        publishing.publish(HE, number)
    assert publishing.newest().in_force(TOMORROW).version == "sample@a"


def test_a_running_process_notices_within_a_second_and_asks_no_more_often(
    publishing, database, monkeypatch
):
    running, now = Publishing(database, "330681"), [100.0]
    monkeypatch.setattr(service, "monotonic", lambda: now[0])
    assert running.noticed().in_force(TOMORROW).version == "sample@a"
    published(publishing)

    now[0] += 0.9
    assert running.noticed().in_force(TOMORROW).version == "sample@a"
    now[0] += 0.2
    assert running.noticed().in_force(TOMORROW).version == "sample@b"
    running.close()


def test_after_an_emergency_the_former_is_back_without_anybody_acting(
    publishing, database
):
    today = MONDAY.date()
    published(publishing, first=today, until=TOMORROW, emergency=True)
    assert publishing.noticed().in_force(publishing.today()).version == "sample@b"

    database.advance(timedelta(days=2))

    there = publishing.noticed().in_force(publishing.today())
    assert there.version == "sample@a"


def test_audit_keeps_publications_and_its_ledger_stays_one_of_disputes(
    publishing, database
):
    audit = AuditService(database, Region.load("sample"))
    audit.migrate()
    published(publishing)

    hear(Inbox(audit), publishing)

    history = audit.history(publishing.stream)
    told = [each.name for kept in history for each in kept.event.heard]
    assert told == [
        "pack.proposed.v1",
        "pack.approved.v1",
        "pack.approved.v1",
        "pack.published.v1",
    ]
    assert isinstance(history[-1].event.heard[-1].event, PackPublished)
    assert audit.ledger.page(Asked()).rows == ()
    audit.close()


def test_contents_are_kept_by_digest_and_never_change(publishing, database):
    archive = Archive(database)
    first, certificate = digest_of(b"first"), digest_of(b"certificate")
    archive.put(first, Content.PACK, b"first")
    archive.put(first, Content.PACK, b"other")
    archive.put(certificate, Content.CERTIFICATE, b"certificate")

    assert archive.get(first) == b"first"
    assert archive.has(certificate) and not archive.has("f")
    with pytest.raises(RefusedError, match="nothing is stored"):
        archive.get("f")


@pytest.mark.parametrize("kind", Content)
def test_a_content_that_was_changed_in_the_store_is_not_handed_out(
    publishing, database, kind
):
    archive, right = Archive(database), b"right"
    digest = digest_of(right)
    if kind is Content.DIRECTORY:
        region = Region.load("sample")
        digest, right = region.digest, archived(region)
    if kind is Content.CALENDAR:
        calendar = load_calendar()
        digest, right = calendar.version, calendar_archive.archived(calendar)
    archive.put(digest, kind, right)
    assert archive.get(digest) == right

    for wrong in (b"wrong", right[:-1], archived(Region.load("changji"))):
        change(database, digest, wrong)
        with pytest.raises(RefusedError) as caught:
            archive.get(digest)
        assert caught.value.reason == "rules-tampered"


def digest_of(content):
    return sha256(content).hexdigest()


def change(database, digest, content):
    with database.transaction() as cursor:
        cursor.execute(
            "UPDATE routing.pack_content SET content = %s WHERE digest = %s",
            [content, digest],
        )


def test_a_pack_is_found_by_what_decisions_call_it(publishing, database):
    archive = Archive(database)
    digest = "0123456789ab" + "c" * 52
    archive.put(digest, Content.PACK, b"pack")

    assert archive.pack_of("sample-2026.1@0123456789ab") == digest
    for unknown in ("sample@0123", "sample@ba9876543210", "sample@%", ""):
        with pytest.raises(RefusedError, match="nothing is stored"):
            archive.pack_of(unknown)
