"""Every event that was ever stored can be read: held by a stored example per shape."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import get_args

import pytest
from pydantic import BaseModel

from services.schemas.catalog import events
from shared.events import older, wire
from shared.events.base import event_class
from shared.events.errors import UnknownEventError
from tests.house.examples import add, examples, told

EXAMPLES = examples()
OF_TODAY = [stored for stored in EXAMPLES if stored.name not in older.READERS]
LAPSED = {
    "occurred_at": "2026-03-05T23:59:59+08:00",
    "recorded_at": "2026-03-05T16:00:00Z",
    "actor": {"body": "fengqiao", "role": "escalation"},
    "cause": "clock:answer:1",
    "data": {"asked": "pmc-village-fengxi"},
}


def by_name(stored):
    return stored.name


def written_again(event, like):
    recorded = wire.read(like)._replace(event=event)
    return like._replace(body=wire.written(recorded))


def with_more(told_of, data):
    """The same data with a field of a newer release in every object."""
    if isinstance(told_of, tuple):
        return [with_more(*each) for each in zip(told_of, data, strict=True)]
    if not isinstance(told_of, BaseModel):
        return data
    more = {name: with_more(getattr(told_of, name), data[name]) for name in data}
    return more | {"newer": [None]}


def without_options(value):
    """The same event, had nobody known anything that need not be known."""
    if isinstance(value, tuple):
        return tuple(without_options(each) for each in value)
    if not isinstance(value, BaseModel):
        return value
    fields = {
        name: without_options(getattr(value, name)) for name in value.model_fields_set
    }
    for name, field in type(value).model_fields.items():
        if type(None) in get_args(field.annotation):
            fields[name] = None
    return value.model_copy(update=fields)


def says_all_of(new, old):
    if isinstance(old, dict):
        return all(name in new and says_all_of(new[name], old[name]) for name in old)
    return new == old


@pytest.mark.parametrize("kind", events(), ids=lambda kind: kind.stored_name)
def test_examples_of_a_shape_show_each_of_its_fields(kind):
    shown = defaultdict(set)
    for stored in EXAMPLES:
        shown[stored.name] |= json.loads(stored.body)["data"].keys()

    assert shown[kind.stored_name] == kind.model_fields.keys()


@pytest.mark.parametrize("stored", EXAMPLES, ids=by_name)
def test_stored_example_is_read_into_the_newest_shape(stored):
    newest = stored.name
    while newest in older.READERS:
        newest, _ = older.READERS[newest]

    assert type(wire.read(stored).event) is event_class(newest)


@pytest.mark.parametrize("stored", OF_TODAY, ids=by_name)
def test_what_is_written_today_still_says_all_that_the_example_says(stored):
    again = written_again(wire.read(stored).event, like=stored)

    assert wire.read(again) == wire.read(stored)
    assert says_all_of(json.loads(again.body), json.loads(stored.body))


@pytest.mark.parametrize("stored", OF_TODAY, ids=by_name)
def test_fields_of_a_newer_release_are_ignored_wherever_they_stand(stored):
    recorded, body = wire.read(stored), json.loads(stored.body)
    body["data"] = with_more(recorded.event, body["data"])
    body["actor"]["newer"] = body["newer"] = {"unheard": "of"}

    assert wire.read(stored._replace(body=json.dumps(body).encode())) == recorded


@pytest.mark.parametrize("stored", OF_TODAY, ids=by_name)
def test_event_without_anything_optional_is_read_as_it_was_recorded(stored):
    event = without_options(wire.read(stored).event)

    assert wire.read(written_again(event, like=stored)).event == event


def test_name_that_nobody_stores_is_refused_as_unknown():
    stored = EXAMPLES[0]._replace(name="dispute.forgotten.v1")

    with pytest.raises(UnknownEventError, match=r"dispute\.forgotten\.v1"):
        wire.read(stored)


def test_shape_without_a_class_is_read_through_each_older_reader(monkeypatch):
    steps = {
        "offer.lapsed.v1": ("handoff.lapsed.v0", lambda data: {"body": data["asked"]}),
        "handoff.lapsed.v0": ("handoff.lapsed.v1", lambda data: {"to": data["body"]}),
    }
    for name, step in steps.items():
        monkeypatch.setitem(older.READERS, name, step)

    recorded = wire.read(told("offer.lapsed.v1", json.dumps(LAPSED).encode()))

    assert recorded.event.stored_name == "handoff.lapsed.v1"
    assert recorded.event.to == "pmc-village-fengxi"


def test_example_is_added_as_the_store_writes_it_and_never_again(tmp_path):
    stored = EXAMPLES[0]
    loose = json.dumps(json.loads(stored.body), indent=2).encode()

    path = add(stored.name, loose, what="again", folder=tmp_path)

    assert path.name == f"{stored.name}~again.json"
    assert path.read_bytes() == wire.written(wire.read(stored))
    with pytest.raises(FileExistsError):
        add(stored.name, loose, what="again", folder=tmp_path)
