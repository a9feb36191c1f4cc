"""`/livez`, `/readyz`, `/startupz` and `/metrics` of one process.

The broker is not asked: while it is away intake goes on, and what is recorded is handed
on later. How old that has become is a metric.
"""

from __future__ import annotations

from collections.abc import Collection

from fastapi import FastAPI, Response
from starlette.concurrency import run_in_threadpool

from services.compose import House
from services.watch.page import MEDIA_TYPE, Page
from services.watch.requests import Timed
from services.watch.started import must_have_started


def install(app: FastAPI, house: House, names: Collection[str]) -> None:
    """Let this application be watched. Faults are answered as problems, with 503."""
    app.add_middleware(Timed)
    page = Page(house.database, names)

    @app.get("/livez", include_in_schema=False)
    async def alive() -> dict[str, str]:
        """The process answers at all."""
        return {"status": "ok"}

    @app.get("/readyz", include_in_schema=False)
    async def ready() -> dict[str, str]:
        """It can do its work now: the database answers."""
        await run_in_threadpool(house.database.now)
        return {"status": "ok"}

    @app.get("/startupz", include_in_schema=False)
    async def started() -> dict[str, str]:
        """The database is as this release needs it."""
        await run_in_threadpool(must_have_started, house.database)
        return {"status": "ok"}

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(await run_in_threadpool(page.text), media_type=MEDIA_TYPE)
