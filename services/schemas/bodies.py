"""JSON Schemas (2020-12) of event bodies, as they are stored and as they travel.

They say what is promised of our own messages: a value that is not there is left out,
and a reader must bear fields of newer releases. What we take from outside is stricter.
"""

from __future__ import annotations

from inspect import getdoc
from typing import Any

from pydantic import AwareDatetime, BaseModel, Field, create_model
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from shared.events.base import Actor, DomainEvent, Value

DIALECT = "https://json-schema.org/draft/2020-12/schema"
URN = "urn:fengqiao:event:{name}"


class Body(Value):
    """What stands around the data of every event."""

    occurred_at: AwareDatetime = Field(description="When it happened, as told.")
    recorded_at: AwareDatetime = Field(description="When we recorded it.")
    actor: Actor
    cause: str = Field(
        description="What caused it: a command's id, or speaker:version of an event."
    )


class Generator(GenerateJsonSchema):
    """What we write has no nulls, and objects may grow. Fields get no titles."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        if self.mode == "serialization":
            return self.generate_inner(schema["schema"])
        return super().nullable_schema(schema)

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        found = super().default_schema(schema)
        if "default" in found and found["default"] is None:
            del found["default"]
        return found

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        found = super().model_schema(schema)
        if self.mode == "serialization":
            found.pop("additionalProperties", None)
        return found

    def tagged_union_schema(
        self, schema: core_schema.TaggedUnionSchema
    ) -> JsonSchemaValue:
        """The field that tells alternatives apart is needed, default or not."""
        found = super().tagged_union_schema(schema)
        field = found["discriminator"]["propertyName"]
        for alternative in found["oneOf"]:
            one = self.resolve_ref_schema(alternative)
            others = [name for name in one.get("required", []) if name != field]
            one["required"] = [field, *others]
        return found

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def body_of(kind: type[DomainEvent]) -> type[BaseModel]:
    """The model of a whole body with this event as its data."""
    return create_model(
        f"{kind.__name__}Body", __base__=Body, __doc__=told_of(kind), data=(kind, ...)
    )


def event_schema(kind: type[DomainEvent]) -> dict[str, Any]:
    """The schema of one event name and shape, complete in itself."""
    found = body_of(kind).model_json_schema(
        mode="serialization", schema_generator=Generator
    )
    head = {"$schema": DIALECT, "$id": URN.format(name=kind.stored_name)}
    return {**head, **found, "title": kind.stored_name}


def any_sender(referral: dict[str, Any]) -> None:
    """A source need not be told: most senders have only one."""
    referral["required"].remove("source")


def told_of(kind: type[DomainEvent]) -> str:
    """What the docstring of an event says; its name in words if there is none."""
    if kind.__doc__:
        return getdoc(kind) or ""
    words = "".join(f" {c.lower()}" if c.isupper() else c for c in kind.__name__)
    return f"{words.strip().capitalize()}."
