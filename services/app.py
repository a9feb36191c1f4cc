"""The HTTP application of one process: the routers of its services, and its watch."""

from __future__ import annotations

from collections.abc import Collection

from fastapi import FastAPI

from services import problems
from services.audit import http as audit
from services.compose import House
from services.escalation import http as escalation
from services.intake import http as intake
from services.routing import http as routing
from services.watch import http as watch


def make_app(house: House, names: Collection[str]) -> FastAPI:
    """The routes of these services. The viewers of the API need no internet: none."""
    app = FastAPI(title="Fengqiao", docs_url=None, redoc_url=None)
    problems.install(app, house.region.bodies)
    if "intake" in names:
        app.include_router(intake.router(house.intake))
    if "routing" in names:
        app.include_router(routing.router(house.explanations))
    if "escalation" in names:
        app.include_router(escalation.router(house.escalation))
    if "audit" in names:
        app.include_router(audit.router(house.audit))
    watch.install(app, house, names)
    return app
