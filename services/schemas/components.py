"""The components of the AsyncAPI document: messages, and the schemas they use."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import JsonSchemaMode, models_json_schema

from services.escalation.answers import Answer
from services.intake.referral import Referral
from services.schemas import headers, letters
from services.schemas.bodies import Generator, any_sender, body_of, told_of
from services.schemas.catalog import events
from services.schemas.words import both
from shared.events.base import DomainEvent

SCHEMAS = "#/components/schemas/"
KAFKA = "0.5.0"
"""The version of AsyncAPI's words for Kafka."""

INBOUND = {"referrals": "referral", "answers": "answer"}
"""The message on topics of a family that outside bodies write to."""

OUTBOUND = (letters.RECEIPTS, "handoffs")
"""Families of topics that outside bodies read."""

Object = dict[str, Any]


def messages() -> Object:
    public = [kind for kind in events() if kind.is_public]
    templates = [name for family in OUTBOUND for name in letters.templates_of(family)]
    return {
        **{kind.stored_name: _event(kind) for kind in public},
        **{f"notice.{template}": _letter(template) for template in templates},
        **{name: _foreign(name) for name in INBOUND.values()},
    }


def _event(kind: type[DomainEvent]) -> Object:
    name = kind.stored_name
    return {
        **_message(name, both(f"event.{kind.event_name}"), "event"),
        "description": told_of(kind),
        "headers": headers.of_type(ref(f"{SCHEMAS}EventHeaders"), name),
        "payload": ref(SCHEMAS + body_of(kind).__name__),
    }


def _letter(template: str) -> Object:
    name = f"notice.{template}"
    subject = letters.subject_of(template)
    return {
        **_message(name, f"{subject.zh} · {subject.en}", "event"),
        "headers": headers.of_type(ref(f"{SCHEMAS}LetterHeaders"), name),
        "payload": letters.letter_schema(template, ref(f"{SCHEMAS}Letter")),
    }


def _foreign(name: str) -> Object:
    return {
        **_message(name, both(f"foreign.title.{name}"), "foreign"),
        "description": both(f"foreign.{name}"),
        **({"headers": headers.referral_headers()} if name == "referral" else {}),
        "payload": ref(SCHEMAS + name.capitalize()),
    }


def _message(name: str, title: str, key: str) -> Object:
    of_kafka = {"key": {"type": "string", "description": both(f"key.{key}")}}
    return {
        "name": name,
        "title": title,
        "contentType": headers.JSON,
        "bindings": {"kafka": {**of_kafka, "bindingVersion": KAFKA}},
    }


def schemas() -> Object:
    ours = [body_of(kind) for kind in events() if kind.is_public] + [letters.Letter]
    models: list[tuple[Any, JsonSchemaMode]] = [
        *((model, "serialization") for model in ours),
        *((model, "validation") for model in (Answer, Referral)),
    ]
    _, found = models_json_schema(
        models, ref_template=SCHEMAS + "{model}", schema_generator=Generator
    )
    schemas: Object = found["$defs"]
    any_sender(schemas["Referral"])
    command = schemas["Answer"]["properties"]["command"]
    command["discriminator"] = command["discriminator"]["propertyName"]  # as AsyncAPI
    return {
        **schemas,
        "EventHeaders": headers.event_headers(),
        "LetterHeaders": headers.letter_headers(),
    }


def ref(place: str) -> Object:
    return {"$ref": place}
