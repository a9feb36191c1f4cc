"""Audit on real PostgreSQL and over HTTP: the ledger, stories, and who read them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from operator import attrgetter
from uuid import UUID, uuid4, uuid5

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from pydantic_core import to_json

from services import problems
from services.audit.http import router
from services.audit.names import RuleWords
from services.audit.service import AuditService
from services.audit.views import Asked, Held
from shared.events.audit import EventHeard
from shared.events.base import Actor
from shared.events.database import Database
from shared.events.delivery import MessageParked, MessageReleased
from shared.events.errors import BusyError, UnknownDisputeError
from shared.events.inbox import Inbox
from shared.events.wire import Told
from shared.region import Region
from tests.conftest import fresh_database
from tests.unit import audit_histories as told

STORE = UUID(int=11)
READER = {"reader": "petition-zhuji", "person": "何文"}


@pytest.fixture(scope="module")
def region() -> Region:
    return Region.load("sample")


@pytest.fixture
def audit(database: Database, region: Region) -> Iterator[AuditService]:
    service = AuditService(database, region)
    service.migrate()
    yield service
    service.close()


class Web:
    """The application as a browser asks it; what follows an answer is awaited too."""

    def __init__(self, app: FastAPI) -> None:
        self._transport = ASGITransport(app)

    def get(self, address: str, params: dict[str, str] | None = None) -> Response:
        async def ask() -> Response:
            async with AsyncClient(
                transport=self._transport, base_url="http://here"
            ) as client:
                return await client.get(address, params=params)

        return asyncio.run(ask())


@pytest.fixture
def web(audit: AuditService) -> Web:
    app = FastAPI()
    problems.install(app)
    app.include_router(router(audit))
    return Web(app)


def as_told(event: EventHeard, dispute: UUID, position: int) -> Told:
    data = event.model_dump(mode="json", exclude_none=True)
    body = to_json({**data, "data": event.data})
    return Told(
        event.speaker, STORE, position, dispute, event.version, event.name, body
    )


def hear(
    inbox: Inbox,
    events: Iterable[EventHeard],
    dispute: UUID = told.DISPUTE,
    first: int = 1,
) -> None:
    """Let audit hear these events, one batch per speaker, the first to speak first."""
    by_speaker: dict[str, list[Told]] = {}
    for event in events:
        position = first + event.version
        telling = by_speaker.setdefault(event.speaker, [])
        telling.append(as_told(event, dispute, position))
    for speaker, batch in by_speaker.items():
        batch.sort(key=attrgetter("position"))
        inbox.receive({f"{speaker}/{STORE}": batch})


def test_the_ledger_says_where_a_dispute_stands(audit):
    hear(Inbox(audit), told.waiting_for_the_village().told)

    row = audit.ledger.by_code(told.CODE.lower())

    assert (row.kind, row.place, row.source) == ("neighbour", "330681109", "police")
    assert (row.stage, row.holder, row.offered_to) == (
        "offered",
        told.POLICE,
        told.VILLAGE,
    )
    assert (row.next_clock, row.next_due, row.provisional) == (
        "first_handling",
        told.after(1440),
        True,
    )
    assert (row.registered_at, row.persons, row.open) == (told.MONDAY, 2, True)


def test_a_code_that_nobody_has_is_unknown(audit):
    with pytest.raises(UnknownDisputeError):
        audit.story("330681-0000-0000-0000-0")


def test_hearing_everything_twice_in_another_order_tells_the_same_story(
    audit, postgres, region
):
    events = told.settled_in_the_village().told
    hear(Inbox(audit), events)
    other_database = Database(fresh_database(postgres.url))
    other_database.open()
    other = AuditService(other_database, region)
    other.migrate()

    inbox = Inbox(other)
    hear(inbox, events[::-1])
    hear(inbox, events)
    for event in events:
        hear(Inbox(other), [event], first=1000)

    assert other.story(told.CODE) == audit.story(told.CODE)
    assert other.ledger.by_code(told.CODE) == audit.ledger.by_code(told.CODE)
    other.close()
    other_database.close()


def test_a_story_has_the_words_of_rules_that_were_published_after_the_start(
    database, region
):
    published = [RuleWords()]
    audit = AuditService(database, region, lambda: published[-1])
    audit.migrate()
    hear(Inbox(audit), told.waiting_for_the_village().told)
    before = audit.story(told.CODE)
    published.append(told.sample_rules())
    after = audit.story(told.CODE)

    assert [row.zh for row in rows_of(before)] == [None, None]
    assert [row.legal_basis for row in rows_of(before)] == [
        row.legal_basis for row in rows_of(after)
    ]
    assert rows_of(after)[0].zh == told.sample_rules().rows["way", "W67"].zh
    audit.close()


def rows_of(story):
    return next(step.why.rows for step in story.steps if step.why.versions)


def test_a_story_is_told_again_by_a_process_that_has_just_started(audit, region):
    hear(Inbox(audit), told.declined_once().told)

    fresh = AuditService(audit.database, region)

    assert fresh.story(told.CODE) == audit.story(told.CODE)
    assert fresh.state(told.DISPUTE) == audit.state(told.DISPUTE)
    fresh.close()


def test_an_event_of_a_newer_release_is_kept_and_shown(audit):
    telling = told.newly_registered()
    newer = telling.told[1].model_copy(
        update={"name": "mediation.suspended.v3", "version": 9, "data": {"by": "x"}}
    )
    hear(Inbox(audit), [*telling.told, newer])

    steps = audit.story(told.CODE).steps

    assert [s.data for s in steps if s.name == newer.name] == [{"by": "x"}]
    assert audit.state(told.DISPUTE).unread == 1
    assert Inbox(audit).parked() == []


def test_a_body_that_nobody_can_read_is_put_aside_and_seen_in_the_ledger(audit):
    inbox, telling = Inbox(audit), told.newly_registered()
    intake, *others = telling.told
    hear(inbox, [intake])
    broken = as_told(others[0], told.DISPUTE, 1)._replace(body=b"\xff{}")
    other = as_told(others[0], uuid4(), 2)
    inbox.receive({f"escalation/{STORE}": [broken, other]})

    row = audit.ledger.by_code(told.CODE)

    assert (row.parked, row.stage) == (1, "registered")
    assert audit.story(told.CODE).steps[-1].name == "message.parked.v1"
    assert audit.state(other.dispute).stage == "routing"


def test_a_referral_that_waits_for_repair_is_listed_until_it_is_released(audit):
    message, telling = uuid4(), told.Telling()
    parked = MessageParked(
        message=message,
        service="intake",
        came_from="referrals.police",
        reason="the body is not JSON in UTF-8",
        behind=False,
    )
    telling.says("intake", parked, 0)
    hear(Inbox(audit), telling.told, dispute=message)
    (row,) = audit.ledger.page(Asked()).rows
    released = MessageReleased(
        message=message, service="intake", by="x/王静", why="已补正", repaired=True
    )
    telling.says("intake", released, 1)
    hear(Inbox(audit), telling.told, dispute=message)

    assert (row.code, row.stage, row.parked) == (None, "to_repair", 1)
    assert audit.ledger.page(Asked()).rows == ()


def of_many(audit: AuditService, count: int) -> list[UUID]:
    """Disputes registered one minute after the other, the even ones offered."""
    disputes = [uuid5(told.DISPUTE, str(n)) for n in range(count)]
    inbox = Inbox(audit)
    for number, dispute in enumerate(disputes):
        even = number % 2 == 0
        telling = told.waiting_for_the_village() if even else told.newly_registered()
        later = [_renumbered(event, number) for event in telling.told]
        hear(inbox, later, dispute, first=number * 100)
    return disputes


def _renumbered(event: EventHeard, number: int) -> EventHeard:
    moved = event.recorded_at + (told.after(number) - told.MONDAY)
    data = dict(event.data)
    if "code" in data:
        data["code"] = f"330681-0000-0000-{number:04}-0"
    return event.model_copy(update={"recorded_at": moved, "data": data})


def test_the_ledger_is_paged_from_the_newest_without_gaps_or_doubles(audit):
    disputes, seen, after = of_many(audit, 7), [], None
    while True:
        page = audit.ledger.page(Asked(limit=3, after=after))
        seen += [row.dispute for row in page.rows]
        if not (after := page.next):
            break

    assert seen == disputes[::-1]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (Asked(stage="offered"), 4),
        (Asked(holder=told.POLICE), 7),
        (Asked(holder=told.VILLAGE), 0),
        (Asked(place="330681"), 7),
        (Asked(place="330681109", stage="routing"), 3),
        (Asked(place="3306811"), 7),
        (Asked(place="652324"), 0),
        (Asked(open_only=True), 7),
        (Asked(stage="closed"), 0),
    ],
)
def test_the_ledger_is_filtered(audit, asked, found):
    of_many(audit, 7)

    assert len(audit.ledger.page(asked).rows) == found


def test_what_every_body_holds_is_counted(audit):
    of_many(audit, 4)

    assert audit.ledger.by_holder(told.after(0)) == [Held(told.POLICE, 4, 0)]
    assert audit.ledger.by_holder(told.after(9999)) == [Held(told.POLICE, 4, 4)]


# Over HTTP


def test_the_ledger_is_served(audit, web):
    of_many(audit, 3)

    first = web.get("/disputes", params={"limit": 2, "holder": told.POLICE}).json()
    second = web.get("/disputes", params={"after": first["next"]}).json()

    assert [row["code"][-6:] for row in first["rows"]] == ["0002-0", "0001-0"]
    assert [row["code"][-6:] for row in second["rows"]] == ["0000-0"]
    assert second["next"] is None
    assert web.get("/holders").json()[0]["open"] == 3


def test_a_dispute_and_its_story_are_served(audit, web):
    hear(Inbox(audit), told.settled_in_the_village().told)

    row = web.get(f"/disputes/{told.CODE}").json()
    story = web.get(f"/disputes/{told.CODE}/story").json()

    assert row["words"]["stage"] == {"zh": "已销号", "en": "closed"}
    assert [step["number"] for step in story["steps"]] == list(range(1, 26))
    assert "event" not in story["steps"][0]
    assert told.SECRET not in str(story)


def test_a_state_is_served_as_it_was_and_as_it_was_known(audit, web):
    hear(Inbox(audit), told.settled_but_reported_late().told)
    address = f"/disputes/{told.CODE}/state"

    now_known = web.get(address, params={"at": "2026-03-04"}).json()
    then_known = web.get(
        address, params={"at": "2026-03-04", "known_at": "2026-03-04"}
    ).json()

    assert now_known["stage"] == "resolved"
    assert then_known["stage"] == "mediating"
    assert now_known["outcome"]["performed"] is True


def test_what_is_not_there_is_a_problem_in_both_languages(web):
    answer = web.get("/disputes/330681-0000-0000-0000-0/story")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"detail", "detail_en"} <= answer.json().keys()


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("/disputes?limit=many", "limit"),
        ("/disputes?nobody=x", "nobody"),
        ("/disputes/X/state?at=gestern", "at"),
        ("/disputes/X/story?person=x", "reader"),
    ],
)
def test_bad_parameters_are_a_problem_that_names_the_field(web, address, field):
    answer = web.get(address)

    (error,) = answer.json()["errors"]
    assert answer.status_code == 422
    assert error["field"] == field
    assert error["zh"] != error["en"]


def test_an_unknown_page_start_is_a_problem(web):
    assert web.get("/disputes", params={"after": str(uuid4())}).status_code == 404


def test_who_reads_by_name_is_recorded_and_tells_no_other_story(audit, web):
    hear(Inbox(audit), told.in_mediation().told)
    before = audit.story(told.CODE)

    web.get(f"/disputes/{told.CODE}/story", params=READER)
    web.get(f"/disputes/{told.CODE}/state", params={**READER, "at": "2026-03-02"})
    web.get(f"/disputes/{told.CODE}/story")

    after = audit.story(told.CODE)
    assert [(r.what, r.who.person) for r in after.readings] == [
        ("story", "何文"),
        ("state", "何文"),
    ]
    assert after.readings[1].at is not None
    assert after.steps == before.steps
    assert audit.tell(0) == []


def test_a_reading_that_cannot_be_recorded_keeps_nobody_from_reading(
    audit, monkeypatch
):
    hear(Inbox(audit), told.in_mediation().told)

    def busy(*_, **__):
        raise BusyError("recording at audit", 6)

    monkeypatch.setattr(audit, "decide", busy)

    audit.was_read(told.CODE, Actor(body="petition-zhuji", person="何文"), "story")

    assert audit.story(told.CODE).readings == ()
