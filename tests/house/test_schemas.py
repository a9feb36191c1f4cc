"""What other systems rely on is as committed, is valid, and is what we really write."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from uuid import UUID

import pytest
from faststream.specification.asyncapi.v3_0_0.schema import ApplicationSchema
from jsonschema import Draft202012Validator, FormatChecker
from pydantic_core import from_json, to_json

from deploy.topics import read_topics
from services.compose import FOREIGN, HEARS
from services.escalation.answers import Answer
from services.notifications.channels import TopicOutlet
from services.notifications.channels.base import Letter
from services.notifications.messages import messages
from services.problems import problem
from services.schemas import differences, generated, write
from services.schemas.catalog import SAID_BESIDE, events
from services.schemas.words import known
from shared.events import older, wire
from shared.events.errors import NotYoursError
from tests.house.examples import SOMEWHERE, examples

HOMES = {home: who for who, homes in SAID_BESIDE.items() for home in homes}
FOLDER = Path(__file__).parents[2] / "schemas"
ASYNCAPI = json.loads((FOLDER / "asyncapi.json").read_text("utf-8"))
OPENAPI = json.loads((FOLDER / "openapi.json").read_text("utf-8"))
SCHEMAS = sorted((FOLDER / "events").glob("*.json"))
GENERATED = generated()
MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)
ANSWER = {
    "code": "330681-7KQ2-9XWM-4T0A-7",
    "command": {
        "command": "decline",
        "command_id": "answer-1",
        "by": "pmc-village-fengxi",
        "person": "mediator-03",
        "reason": "conflict_of_interest",
    },
}
REFERRAL = {
    "sender": "police-fengqiao",
    "reference": "0031",
    "kind": "neighbour",
    "place": "330681109201",
    "occurred_at": "2026-02-27T19:30:00+08:00",
    "narrative": "样例",
    "parties": [{"side": "applicant", "name": "样例甲"}],
}


CHECKER = FormatChecker(["uuid"])
CHECKER.checks("date-time", ValueError)(lambda t: datetime.fromisoformat(t).tzinfo)


def schema_of(stored_name):
    return json.loads((FOLDER / "events" / f"{stored_name}.json").read_text("utf-8"))


def errors(schema, value):
    found = Draft202012Validator(schema, format_checker=CHECKER).iter_errors(value)
    return [f"{error.json_path}: {error.message}" for error in found]


def in_document(document, schema):
    """A schema that may refer to the components of its document."""
    return {**schema, "components": document["components"]}


def everywhere(value):
    """Every object in a document, with its place."""
    if isinstance(value, list):
        for each in value:
            yield from everywhere(each)
    elif isinstance(value, dict):
        yield value
        for each in value.values():
            yield from everywhere(each)


def at(document, ref):
    found = document
    for step in ref.removeprefix("#/").split("/"):
        found = found[step.replace("~1", "/").replace("~0", "~")]
    return found


def links(document):
    return [o["$ref"] for o in everywhere(document) if isinstance(o.get("$ref"), str)]


def payload_of(name):
    return in_document(ASYNCAPI, ASYNCAPI["components"]["messages"][name]["payload"])


def headers_of(name):
    return in_document(ASYNCAPI, ASYNCAPI["components"]["messages"][name]["headers"])


# As committed


def test_committed_schemas_are_what_the_code_generates():
    changed = differences(FOLDER)

    assert changed == [], "run `make schemas`, look at the changes, and commit them"


def test_generating_twice_gives_the_same_bytes():
    assert generated() == GENERATED


def test_documents_are_written_once_and_what_is_too_much_is_removed(tmp_path):
    first = write(tmp_path)
    (tmp_path / "asyncapi.json").write_bytes(b"{}")
    (tmp_path / "events" / "dispute.forgotten.v1.json").write_bytes(b"{}")

    wrong = differences(tmp_path)

    assert set(first) == GENERATED.keys()
    assert wrong == ["asyncapi.json", "events/dispute.forgotten.v1.json"]
    assert write(tmp_path) == wrong
    assert write(tmp_path) == []


def test_schema_of_a_shape_that_is_only_read_any_more_stays(tmp_path, monkeypatch):
    monkeypatch.setitem(older.READERS, "offer.lapsed.v1", ("handoff.lapsed.v1", dict))
    write(tmp_path)
    old = tmp_path / "events" / "offer.lapsed.v1.json"
    old.write_bytes(b"{}")

    assert write(tmp_path) == []
    assert old.exists()


@pytest.mark.parametrize("name", GENERATED)
def test_files_are_plain_utf_8_that_ends_with_a_newline(name):
    words = GENERATED[name].decode()

    assert words.endswith("\n")
    assert "\r" not in words
    if name.endswith(".json"):
        assert words == (
            json.dumps(json.loads(words), ensure_ascii=False, indent=2, sort_keys=True)
            + "\n"
        )


# Events


def test_every_event_that_can_be_stored_has_a_schema():
    named = {path.stem for path in SCHEMAS} - older.READERS.keys()

    assert named == {kind.stored_name for kind in events()}


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.stem)
def test_schema_is_valid_and_complete_in_itself(path):
    schema = json.loads(path.read_text("utf-8"))

    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:fengqiao:event:{path.stem}"
    assert schema["description"]
    assert all(at(schema, ref) for ref in links(schema))


@pytest.mark.parametrize("stored", examples(), ids=lambda stored: stored.name)
def test_stored_example_is_as_its_schema_promises(stored):
    body = json.loads(stored.body)

    assert errors(schema_of(stored.name), body) == []
    assert errors(schema_of(stored.name), {**body, "newer": [None]}) == []
    assert errors(schema_of(stored.name), {**body, "data": None}) != []


@pytest.mark.parametrize("kind", events(), ids=lambda kind: kind.stored_name)
def test_event_without_its_data_or_its_times_is_not_as_promised(kind):
    assert errors(schema_of(kind.stored_name), {"data": {}}) != []


# Topics


def test_asyncapi_has_the_structure_of_version_3():
    document = ApplicationSchema.model_validate(ASYNCAPI)

    assert document.asyncapi == "3.0.0"
    assert document.channels.keys() == {topic.name for topic in read_topics()}
    assert all(at(ASYNCAPI, ref) for ref in links(ASYNCAPI))


def test_asyncapi_schemas_are_valid_in_themselves():
    for name, schema in ASYNCAPI["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema | {"discriminator": None})
        assert re.fullmatch(r"[A-Za-z0-9._-]+", name)


def test_channels_are_the_table_of_topics_with_its_settings():
    for topic in read_topics():
        channel = ASYNCAPI["channels"][topic.name]
        kafka = channel["bindings"]["kafka"]
        told = {
            name: str(value[0] if isinstance(value, list) else value)
            for name, value in kafka["topicConfiguration"].items()
        }
        assert channel["address"] == topic.name
        assert kafka["partitions"] == topic.partitions
        assert told == topic.settings


def test_each_public_event_is_on_its_speakers_topic_and_no_other():
    for kind in events():
        home = HOMES.get(kind.__module__, kind.__module__.rpartition(".")[2])
        speakers = {name for name in HEARS if name in ASYNCAPI["channels"]}
        found = {
            topic
            for topic, channel in ASYNCAPI["channels"].items()
            if kind.stored_name in channel["messages"]
        }
        on = {home} & speakers or (speakers if home == "delivery" else set())
        assert found == (on if kind.is_public else set()), kind


def test_operations_say_who_writes_and_who_reads_as_the_services_are_put_together():
    found = {
        (who, operation["action"], operation["channel"]["$ref"].rpartition("/")[2])
        for who, operation in (
            (name.partition(".")[0], operation)
            for name, operation in ASYNCAPI["operations"].items()
        )
    }
    heard = {
        (hearer, "receive", speaker)
        for hearer, speakers in HEARS.items()
        for speaker in speakers
    }
    entered = {(who, "receive", topic) for topic, who in FOREIGN.items()}
    sent = {
        (topic if topic in HEARS else "notifications", "send", topic)
        for topic in ASYNCAPI["channels"].keys() - FOREIGN.keys()
    }

    assert found == heard | entered | sent


@pytest.mark.parametrize(
    "stored",
    [
        stored
        for stored in examples()
        if stored.name in ASYNCAPI["components"]["messages"]
    ],
    ids=lambda stored: stored.name,
)
def test_event_on_a_topic_is_as_the_document_says(stored):
    message = wire.to_message(stored)

    assert errors(headers_of(stored.name), message.headers) == []
    assert errors(payload_of(stored.name), json.loads(message.body)) == []
    assert errors(headers_of(stored.name), {**message.headers, "ce_id": "1"}) != []


@pytest.mark.parametrize(
    ("topic", "name"),
    [
        (topic, name)
        for topic in ("receipts.police", "handoffs.court")
        for name in ASYNCAPI["channels"][topic]["messages"]
    ],
)
def test_letter_on_a_topic_is_as_the_document_says(topic, name):
    sent = []
    letter = Letter(
        notice=UUID(int=7),
        dispute=SOMEWHERE,
        to="court-zhuji",
        address=topic,
        template=name.removeprefix("notice."),
        facts={"code": "330681-7KQ2-9XWM-4T0A-7", "holder": "court-zhuji"},
        subject="样例",
        text="样例",
        queued_at=MONDAY,
    )

    def keep(messages):
        sent.extend(messages)
        return [None for _ in messages]

    TopicOutlet(keep).send(letter)

    ((on, key, headers, body),) = sent
    assert on == topic
    assert key == str(SOMEWHERE).encode()
    assert errors(headers_of(name), headers) == []
    assert errors(payload_of(name), from_json(body)) == []
    assert errors(payload_of(name), {**from_json(body), "template": "other"}) != []


def test_every_letter_to_a_body_is_on_a_topic_and_none_to_a_party():
    topics = ASYNCAPI["channels"]
    on_topics = {
        name.removeprefix("notice.")
        for topic in ("receipts.other", "handoffs.other")
        for name in topics[topic]["messages"]
    }

    assert on_topics == {t for t in messages().template if not t.endswith("_party")}


def test_answer_is_taken_as_the_document_says():
    command = ANSWER["command"]
    nameless = {name: command[name] for name in command if name != "command"}

    assert errors(payload_of("answer"), ANSWER) == []
    assert Answer.model_validate(ANSWER).command.by == "pmc-village-fengxi"
    for wrong in ({**command, "reason": "tired"}, {**command, "more": 1}, nameless):
        assert errors(payload_of("answer"), {**ANSWER, "command": wrong}) != []


@pytest.mark.parametrize(
    "schema",
    [
        payload_of("referral"),
        in_document(OPENAPI, OPENAPI["components"]["schemas"]["Referral"]),
    ],
    ids=["topic", "http"],
)
def test_referral_is_described_with_its_fields_and_no_others(schema):
    assert errors(schema, REFERRAL) == []
    assert errors(schema, {**REFERRAL, "source": "police"}) == []
    for wrong in ({"source": "rumour"}, {"parties": []}, {"more": 1}):
        assert errors(schema, REFERRAL | wrong) != []


# Routes


def test_routes_are_described_with_words_and_with_problems():
    assert OPENAPI["openapi"].startswith("3.1")
    for methods in OPENAPI["paths"].values():
        for method, route in methods.items():
            assert "·" in route["summary"]
            assert (
                "application/problem+json" in route["responses"]["default"]["content"]
            )
            assert ("requestBody" in route) == (method == "post")
    names = [r["operationId"] for m in OPENAPI["paths"].values() for r in m.values()]
    assert len(names) == len(set(names))


def test_everything_that_routes_refer_to_is_in_the_document():
    assert all(at(OPENAPI, ref) for ref in links(OPENAPI))
    for schema in OPENAPI["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_problem_is_answered_as_the_document_says():
    told = problem(NotYoursError("accept", "police-fengqiao", "pmc-fengqiao"))
    told["errors"] = [{"field": "by", "reason": "other", "zh": "样例", "en": "sample"}]
    schema = in_document(OPENAPI, OPENAPI["components"]["schemas"]["Problem"])

    assert errors(schema, json.loads(to_json(told))) == []
    assert told.keys() == schema["properties"].keys()


# The page


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.ids, self.targets = set(), set(), set()

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.add(tag)
        self.ids.add(found.get("id"))
        self.targets |= {found[name] for name in ("href", "src") if name in found}


def test_page_needs_nothing_from_outside_and_every_link_leads_somewhere():
    words = (FOLDER / "asyncapi.html").read_text("utf-8")
    page = Page()
    page.feed(words)

    assert not page.tags & {"script", "link", "img", "iframe", "object"}
    assert "url(" not in words
    assert "@import" not in words
    assert all(target.startswith("#") for target in page.targets)
    assert {target.removeprefix("#") for target in page.targets} <= page.ids


def test_page_shows_every_topic_message_and_type():
    words = (FOLDER / "asyncapi.html").read_text("utf-8")
    components = ASYNCAPI["components"]

    assert all(f'id="topic-{name}"' in words for name in ASYNCAPI["channels"])
    assert all(f'id="message-{name}"' in words for name in components["messages"])
    assert all(f'id="type-{name}"' in words for name in components["schemas"])


def test_every_event_is_called_something_in_both_languages():
    assert [k for k in events() if not known(f"event.{k.event_name}")] == []
