"""The sample world that `make up` plays: how it ends, twice, and what it never shows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from psycopg.sql import SQL, Identifier

from services.audit.views import Asked
from services.embedded import Embedded
from services.sample import Sample
from services.settings import Settings
from shared.events.vocabulary import dispute_id

POLICE, PETITION, COURT = "police-fengqiao", "petition-zhuji", "court-zhuji"
MANAS = "procuratorate-manas"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    settings = Settings(
        data=tmp_path_factory.mktemp("sample"), http_port=0, log_level="INFO"
    )
    with Embedded(settings, failed=pytest.fail) as running:
        Sample(running.house, running.settle).play(lambda _: None)
        yield running


def ending(
    played: Embedded, sender: str, reference: str
) -> tuple[str, str, str | None]:
    """Stage, holder and tier in which a dispute of the sample ended."""
    state = played.house.audit.state(dispute_id(sender, reference))
    custody = state.custody
    return custody.stage, custody.holder, custody.tier


def rows(played: Embedded) -> list[tuple[object, ...]]:
    page = played.house.audit.ledger.page(Asked(limit=500))
    return [tuple(row.model_dump(exclude={"updated_at"}).values()) for row in page.rows]


def test_the_sample_ends_in_visibly_different_ways(played):
    assert ending(played, POLICE, "FQ-20260209-01") == (
        "closed",
        "pmc-village-fengxi",
        "village",
    )
    assert ending(played, POLICE, "FQ-20260223-01") == (
        "closed",
        "pmc-fengqiao",
        "town",
    )
    assert ending(played, POLICE, "FQ-20260214-02") == (
        "in_hand",
        "pmc-zhuji",
        "county",
    )
    assert ending(played, COURT, "（2026）浙0681诉前调样1号")[:2] == (
        "closed",
        "court-zhuji",
    )
    assert ending(played, POLICE, "FQ-20260218-01")[:2] == (
        "closed",
        "pmc-village-fengdong",
    )
    assert ending(played, MANAS, "玛检民支样〔2026〕1号")[:2] == (
        "closed",
        "room-court-manas",
    )
    assert ending(played, POLICE, "FQ-20260211-02")[:2] == ("closed", POLICE)
    assert len(played.house.inbox("intake").parked()) == 1


def test_every_answer_of_the_script_was_taken(played):
    services = played.house
    script = Sample(services, played.settle).script
    given = [
        (dispute_id(answer.sender, answer.reference), number, place)
        for number, step in enumerate(script.steps)
        for place, answer in enumerate(step.answers)
    ]
    causes = {
        (dispute, event.cause.rpartition("sample/")[2].partition("#")[0])
        for dispute in {dispute for dispute, _, _ in given}
        for event in services.escalation.history(dispute)
    }

    refused = [
        (number, place)
        for dispute, number, place in given
        if (dispute, f"{number}/{place}") not in causes
    ]
    assert refused == []


def test_played_again_it_changes_nothing(played):
    before = rows(played), positions(played)

    Sample(played.house, played.settle).play(lambda _: None)

    assert (rows(played), positions(played)) == before


def positions(played: Embedded) -> list[int]:
    inboxes = played.house.inboxes().values()
    return [inbox.service.last_position() for inbox in inboxes]


def test_domestic_violence_is_never_offered_and_nobody_writes_to_the_parties(played):
    dispute = dispute_id(POLICE, "FQ-20260211-02")
    said = [e.event.event_name for e in played.house.escalation.history(dispute)]
    notices = played.house.notifications.history(dispute)
    sent = {e.event.notice for e in notices if e.event.event_name == "notice.sent"}
    to_parties = {
        e.event.notice
        for e in notices
        if e.event.event_name == "notice.queued" and e.event.to.startswith("party:")
    }

    assert "handoff.offered" not in said
    assert not sent & to_parties


def test_no_name_number_or_narrative_lies_open_anywhere(played):
    """In no table, letter, topic or log: only under keys."""
    secrets = ["陈样安", "吴样平", "199-0000", "王样甲", "雨水倒灌", "化粪池", "楼样前"]
    data = played.settings.data
    for path in (
        p for p in data.rglob("*") if p.is_file() and "postgres" not in p.parts
    ):
        found = path.read_bytes()
        assert not [s for s in secrets if s.encode() in found], path
    everything = list(dumped(played))
    assert any("FQ-20260209-01" in text for _, text in everything)
    for table, text in everything:
        assert not [s for s in secrets if s in text], table


def dumped(played: Embedded) -> Iterator[tuple[str, str]]:
    database = played.house.database
    tables = database.read(
        "SELECT table_schema, table_name FROM information_schema.tables"
        " WHERE table_type = 'BASE TABLE'"
        " AND table_schema NOT IN ('pg_catalog', 'information_schema')"
    )
    assert len(tables) > 20
    for schema, table in tables:
        name = Identifier(schema, table)
        for (row,) in database.read(SQL("SELECT to_jsonb(t) FROM {} t").format(name)):
            yield f"{schema}.{table}", " ".join(map(_readable, row.values()))


def _readable(value: object) -> str:
    """A column as text; bytes come as hex and are decoded."""
    text = str(value)
    if not text.startswith("\\x"):
        return text
    return bytes.fromhex(text[2:]).decode("utf-8", "replace")
