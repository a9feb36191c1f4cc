"""Errors as RFC 9457 problems: `application/problem+json`, Chinese first.

The only table from error codes to HTTP status. The errors themselves know no numbers.
"""

from __future__ import annotations

import re
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from services import region_faults
from services.body_names import NO_BODIES, Bodies, named
from services.texts import LANGUAGES, Language, text
from shared.events.errors import FengqiaoError, RefusedError
from shared.region_faults import RegionRefusedError

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
STATUS = {
    "not-allowed-now": 409,
    "not-yours": 403,
    "refused": 409,
    "refused.unknown-body": 422,
    "refused.nameless": 422,
    "refused.no-such-message": 404,
    "refused.no-such-decision": 404,
    "refused.in-the-future": 422,
    "unknown-dispute": 404,
    "not-heard-yet": 503,
    "malformed": 422,
    "unknown-event": 422,
    "referral-refused": 422,
    "division-malformed": 422,
    "division-unknown": 422,
    "division-not-in-force": 422,
    "cannot-seal": 422,
    "too-large": 413,
    "dmn-refused": 422,
    "dmn-input": 422,
    "dmn-conflict": 409,
    "not-json-media": 415,
    "key-missing": 409,
    "busy": 503,
    "database-away": 503,
    "database-full": 507,
    "database-locked": 503,
    "not-started": 503,
    "key-store-away": 503,
}
"""Anything else is a fault of ours: 500."""

LIKE_A_BODY = re.compile("[A-Za-z][A-Za-z0-9_-]{0,59}")
"""Only what is made like the id of a body is repeated; anything else may be a person."""

RETRY_AFTER = {503: "2", 507: "60"}
"""After how many seconds the same is worth sending again."""


def problem(error: FengqiaoError, bodies: Bodies = NO_BODIES) -> dict[str, Any]:
    """The problem that tells of an error; an error's own `errors` are its fields.

    The bodies that are known are told by their names, with the id beside it.
    """
    code = _code(error)
    found = _problem(code, _status(code), error.facts, bodies)
    fields = getattr(error, "errors", None)
    if isinstance(error, RegionRefusedError):
        fields = region_faults.told(error)
    if fields:
        found["errors"] = fields
    return found


def in_short(error: FengqiaoError) -> str:
    """Why something was put aside, in a line: Chinese first, then the error's own words."""
    found = problem(error)
    fields = [f"{f['field']} {f['zh']}".strip() for f in found.get("errors", [])]
    return f"{'；'.join(fields) or found['detail']} · {error}"


def install(app: FastAPI, bodies: Bodies = NO_BODIES) -> None:
    """Let this application answer every error as a problem; see `problem`."""

    @app.exception_handler(FengqiaoError)
    async def on_error(_: Request, error: FengqiaoError) -> JSONResponse:
        return _answer(problem(error, bodies))

    @app.exception_handler(HTTPException)
    async def on_http(_: Request, error: HTTPException) -> JSONResponse:
        code = f"http-{error.status_code}"
        known = code if code in text else "http-400"
        return _answer(_problem(known, error.status_code, {}), error.headers)

    @app.exception_handler(RequestValidationError)
    async def on_parameters(_: Request, error: RequestValidationError) -> JSONResponse:
        fields = sorted({str(found["loc"][-1]) for found in error.errors()})
        return _answer(_problem("http-422", 422, {"fields": fields}))

    @app.exception_handler(ClientDisconnect)
    async def on_hanging_up(_: Request, __: ClientDisconnect) -> Response:
        log.info("sender_hung_up")
        return Response(status_code=400)

    @app.exception_handler(Exception)
    async def on_surprise(_: Request, error: Exception) -> JSONResponse:
        log.error("request_failed", error=type(error).__name__)
        return _answer(_problem("error", 500, {}))


def _code(error: FengqiaoError) -> str:
    if isinstance(error, RefusedError):
        code = f"{error.code}.{error.reason}"
        return code if code in text else error.code
    return error.code if error.code in text else "error"


def _status(code: str) -> int:
    return STATUS.get(code) or STATUS.get(code.partition(".")[0], 500)


def _problem(
    code: str, status: int, facts: dict[str, object], bodies: Bodies = NO_BODIES
) -> dict[str, Any]:
    words = _words(code, facts)
    zh, en = (named(facts, language, bodies) for language in LANGUAGES)
    return {
        "type": f"urn:fengqiao:problem:{code}",
        "title": text(f"{code}.title", "zh"),
        "title_en": text(f"{code}.title", "en"),
        "status": status,
        "detail": text(words, "zh", **_worded(zh, "zh")),
        "detail_en": text(words, "en", **_worded(en, "en")),
    }


def _words(code: str, facts: dict[str, object]) -> str:
    """Which text says it: the one that names the body, if there is one to name."""
    named = f"{code}.named"
    body = str(facts.get("body", ""))
    return named if named in text and LIKE_A_BODY.fullmatch(body) else code


def _worded(facts: dict[str, object], language: Language) -> dict[str, object]:
    """Facts with stages and commands in the words of the language."""
    return {name: _word(fact, language) for name, fact in facts.items()}


def _word(fact: object, language: Language) -> object:
    if not isinstance(fact, str):
        return fact
    parts = fact.split(" or ")
    if not all(f"word.{part}" in text for part in parts):
        return fact
    return (" 或 " if language == "zh" else " or ").join(
        text(f"word.{part}", language) for part in parts
    )


def _answer(found: dict[str, Any], headers: Any = None) -> JSONResponse:
    after = RETRY_AFTER.get(found["status"])
    retry = {"Retry-After": after} if after else {}
    return JSONResponse(
        found,
        status_code=found["status"],
        headers={**(headers or {}), **retry},
        media_type=MEDIA_TYPE,
    )
