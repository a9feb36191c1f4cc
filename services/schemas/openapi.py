"""The HTTP routes as an OpenAPI 3.1 document, from the application itself.

Routes read raw bodies, to refuse them with reasons of their own. So what a body may
hold is added here, and the problem that every route may answer with.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from pydantic import Field, TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from services.app import make_app
from services.audit.views import Asked
from services.compose import HEARS, House
from services.escalation.commands import COMMANDS
from services.intake.referral import Referral
from services.problems import MEDIA_TYPE
from services.schemas.bodies import Generator, any_sender
from services.schemas.words import CONTRACT, both
from shared.events.base import Value

SCHEMAS = "#/components/schemas/"
COMMAND = "Command"
Object = dict[str, Any]


class FieldProblem(Value):
    """What is wrong with one field; `cell` is where it stands in a sheet."""

    field: str
    reason: str
    zh: str
    en: str
    cell: str | None = None


class Problem(Value):
    """Why a request was refused, and what to do (RFC 9457)."""

    type: str = Field(pattern="^urn:fengqiao:problem:")
    title: str
    title_en: str
    status: int
    detail: str
    detail_en: str
    errors: tuple[FieldProblem, ...] | None = None


MODELS: list[tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = [
    (COMMAND, "validation", COMMANDS),
    ("Asked", "validation", TypeAdapter(Asked)),
    ("Referral", "validation", TypeAdapter(Referral)),
    ("Problem", "serialization", TypeAdapter(Problem)),
]
"""What the application does not describe itself, or describes in place."""


def openapi() -> Object:
    """The whole document."""
    document = _of_the_app()
    document["info"] = {
        "title": both("info.title"),
        "version": CONTRACT,
        "description": both("info.routes"),
    }
    schemas = document["components"]["schemas"] | _schemas()
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for methods in document["paths"].values():
        for route in methods.values():
            _describe(route)
    document["components"]["schemas"] = schemas
    return cast(Object, _referring(document, schemas))


def _of_the_app() -> Object:
    """What the application says of its routes. Nothing is asked of the services."""
    nobody = dict.fromkeys(
        ("intake", "escalation", "audit", "database", "explanations")
    )
    house = SimpleNamespace(**nobody, region=SimpleNamespace(bodies={}))
    return make_app(cast(House, house), HEARS).openapi()


def _schemas() -> Object:
    whole, found = TypeAdapter.json_schemas(
        MODELS, ref_template=SCHEMAS + "{model}", schema_generator=Generator
    )
    schemas: Object = found["$defs"]
    schemas[COMMAND] = whole[COMMAND, "validation"]
    any_sender(schemas["Referral"])
    return schemas


def _describe(route: Object) -> None:
    """Say in words what a route is for, what it takes, and how it refuses."""
    tag, name = route["tags"][0], route["summary"].lower().replace(" ", "_")
    route["summary"] = both(f"route.{tag}.{name}")
    route["operationId"] = f"{tag}_{name}"
    if (tag, name) == ("escalation", "command"):
        route["requestBody"] = {
            "required": True,
            **_content("application/json", COMMAND),
        }
    route["responses"].pop("422", None)
    refused = {"description": both("route.refused"), **_content(MEDIA_TYPE, "Problem")}
    route["responses"]["default"] = refused


def _content(media: str, schema: str) -> Object:
    return {"content": {media: {"schema": {"$ref": SCHEMAS + schema}}}}


def _referring(found: Any, schemas: Object) -> Any:
    """The same, with links to the components for what is described in place."""
    if isinstance(found, list):
        return [_referring(each, schemas) for each in found]
    if not isinstance(found, dict):
        return found
    if "$defs" in found and found.get("title") in schemas:
        return {"$ref": SCHEMAS + found["title"]}
    linked = {name: _referring(each, schemas) for name, each in found.items()}
    linked.pop("$id", None)
    if isinstance(ref := linked.get("$ref"), str):
        linked["$ref"] = ref.replace("#/$defs/", SCHEMAS)
    return linked
