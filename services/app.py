"""The HTTP application of one process: the routers of its services, and its health."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from services import problems
from services.audit import http as audit
from services.compose import House
from services.escalation import http as escalation
from services.intake import http as intake
from shared.events.errors import DatabaseAwayError


def make_app(house: House, names: Collection[str]) -> FastAPI:
    """The routes of these services. The viewers of the API need no internet: none."""
    app = FastAPI(title="Fengqiao", docs_url=None, redoc_url=None)
    problems.install(app)
    if "intake" in names:
        app.include_router(intake.router(house.intake))
    if "escalation" in names:
        app.include_router(escalation.router(house.escalation))
    if "audit" in names:
        app.include_router(audit.router(house.audit))
    _health(app, house)
    return app


def _health(app: FastAPI, house: House) -> None:
    @app.get("/livez", include_in_schema=False)
    async def alive() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz", include_in_schema=False)
    async def ready() -> Any:
        try:
            await run_in_threadpool(house.database.now)
        except DatabaseAwayError as error:
            return JSONResponse({"status": "away", "why": str(error)}, status_code=503)
        return {"status": "ok"}
