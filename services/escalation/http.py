"""Commands of bodies over HTTP. Nothing is decided here."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from services.bodies import json_body
from services.escalation.service import EscalationService, read_command
from shared.events.base import Recorded

LARGEST_COMMAND = 64 * 1024


def router(service: EscalationService) -> APIRouter:
    """`POST /disputes/{code}/commands`: carried out once per `command_id`."""
    routes = APIRouter(tags=["escalation"])

    @routes.post("/disputes/{code}/commands")
    async def command(code: str, request: Request) -> dict[str, Any]:
        found = read_command(await json_body(request, LARGEST_COMMAND))
        events = await run_in_threadpool(service.execute, code, found)
        return {"code": code.upper(), "events": [_shown(event) for event in events]}

    return routes


def _shown(recorded: Recorded) -> dict[str, Any]:
    return {
        "event": recorded.event.event_name,
        "version": recorded.version,
        "occurred_at": recorded.occurred_at.isoformat(),
        "data": recorded.event.model_dump(mode="json", exclude_none=True),
    }
