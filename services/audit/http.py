"""The ledger, stories and states over HTTP. Only reads; who read is recorded after.

`GET /disputes`, `/holders`, `/disputes/{code}`, `/disputes/{code}/story?why_not=`,
`/disputes/{code}/state?at=&known_at=`.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, BackgroundTasks, Request

from services.audit import forms
from services.audit.questions import Question, StoryAsked, read
from services.audit.service import AuditService
from services.audit.views import Asked
from shared.events.base import Value


def router(service: AuditService) -> APIRouter:
    """A reader who is named (`reader`, `person`) is recorded, after the answer."""
    routes = APIRouter(tags=["audit"])

    @routes.get("/disputes", openapi_extra=_documented(Asked))
    def ledger(request: Request) -> dict[str, Any]:
        asked = read(Asked, request.query_params)
        return forms.ledger_json(service.ledger.page(asked), service.words)

    @routes.get("/holders")
    def holders() -> list[dict[str, Any]]:
        held = service.ledger.by_holder(service.database.now())
        return forms.held_json(held, service.words)

    @routes.get("/disputes/{code}")
    def dispute(code: str) -> dict[str, Any]:
        return forms.row_json(service.ledger.by_code(code), service.words)

    @routes.get("/disputes/{code}/story", openapi_extra=_documented(StoryAsked))
    def story(code: str, request: Request, after: BackgroundTasks) -> dict[str, Any]:
        asked = read(StoryAsked, request.query_params)
        found = service.story(code, asked.why_not)
        after.add_task(service.was_read, code, asked.actor, "story")
        return forms.story_json(found)

    @routes.get("/disputes/{code}/state", openapi_extra=_documented(Question))
    def state(code: str, request: Request, after: BackgroundTasks) -> dict[str, Any]:
        asked = read(Question, request.query_params)
        found = service.state_of(code, asked)
        after.add_task(service.was_read, code, asked.actor, "state", asked)
        return forms.state_json(found, service.words, asked.at, asked.known_at)

    return routes


def _documented(wanted: type[Value]) -> dict[str, Any]:
    """The parameters as the description of the API lists them."""
    fields = wanted.model_json_schema()["properties"]
    names = wanted.model_fields
    return {
        "parameters": [
            {"name": name, "in": "query", "required": False, "schema": fields[name]}
            for name in names
        ]
    }
