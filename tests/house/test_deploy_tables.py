"""The tables of settings and topics say the same as the code, in two languages."""

from __future__ import annotations

import tomllib
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from deploy.topics import read_topics
from services.compose import FOREIGN, HEARS
from services.settings import Settings

ROOT = Path(__file__).parents[2]
TOPICS = {topic.name: topic for topic in read_topics()}
BROKER_LIMIT = 12_582_912


def table(name: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / "deploy" / name).read_text(encoding="utf-8"))


def test_the_table_of_settings_names_what_the_services_read() -> None:
    assert set(table("settings.toml")["services"]) == set(Settings.model_fields)


def test_the_table_of_settings_tells_the_defaults() -> None:
    told = {
        name: row.get("default")
        for name, row in table("settings.toml")["services"].items()
    }
    defaults = {name: field.default for name, field in Settings.model_fields.items()}
    assert told == {
        name: None if value is None else str(value).replace("False", "false")
        for name, value in defaults.items()
    }


def test_what_containers_set_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, row in table("settings.toml")["services"].items():
        if "container" in row:
            monkeypatch.setenv(f"FENGQIAO_{name.upper()}", row["container"])
    assert Settings().kafka == "kafka:9092"


def test_every_topic_that_is_spoken_or_heard_is_in_the_table() -> None:
    assert {*HEARS, *FOREIGN} - {"audit"} <= set(TOPICS)


def test_letters_and_receipts_have_a_topic_for_each_addressee() -> None:
    answered = {name.removeprefix("answers.") for name in FOREIGN if "answers" in name}
    assert {f"handoffs.{who}" for who in answered} <= set(TOPICS)
    senders = {"police", "petition", "court", "procuratorate", "other"}
    assert {f"receipts.{who}" for who in senders} <= set(TOPICS)


def test_what_services_tell_each_other_is_kept_for_good() -> None:
    for name in HEARS.keys() & TOPICS.keys():
        assert TOPICS[name].partitions == 4
        assert TOPICS[name].settings["retention.ms"] == "-1"


def test_a_message_that_is_too_large_for_us_still_arrives() -> None:
    limits = {int(TOPICS[name].settings["max.message.bytes"]) for name in FOREIGN}
    assert limits == {BROKER_LIMIT}
    assert table("broker.toml")["common"]["message.max.bytes"] == str(BROKER_LIMIT)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("settings.toml", "services"),
        ("settings.toml", "local"),
        ("topics.toml", "topics"),
        ("messages.toml", None),
    ],
)
def test_every_row_speaks_chinese_and_english(name: str, part: str | None) -> None:
    rows = table(name)[part] if part else table(name)
    silent = {key for key, row in rows.items() if not row.get("zh") or not row["en"]}
    assert silent == set()


def test_both_languages_of_a_message_use_the_same_facts() -> None:
    def facts(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    for reason, row in table("messages.toml").items():
        assert facts(row["zh"]) == facts(row["en"]), reason
