"""Referrals, corrections and receipts over HTTP. Nothing is decided here.

`POST /referrals`, `POST /referrals/corrections`, `GET /referrals/{code}`,
`GET /referrals?sender=&reference=`. Bodies are read in bounded pieces and judged by
intake's own reader.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from services.bodies import json_body
from services.intake.corrections import read_correction
from services.intake.json_body import LARGEST
from services.intake.receipt import Answer, Receipt
from services.intake.referral import Referral
from services.intake.refusals import TooLargeError
from services.intake.service import IntakeService

Told = Annotated[str, Query(min_length=1, max_length=80)]


def router(service: IntakeService) -> APIRouter:
    """201 for what is new, 200 with the same receipt for what came before."""
    routes = APIRouter(tags=["intake"])

    told = _described("referral", Referral.model_json_schema())

    @routes.post("/referrals", status_code=201, openapi_extra=told)
    async def refer(request: Request, response: Response) -> Receipt:
        body = await json_body(request, LARGEST, TooLargeError)
        answer = await run_in_threadpool(_referred, service, body)
        response.status_code = 200 if answer.again else 201
        assert isinstance(answer.given, Receipt)
        response.headers["Location"] = f"/referrals/{answer.given.code}"
        return answer.given

    corrected = _described("correction", _correction_schema())

    @routes.post("/referrals/corrections", openapi_extra=corrected)
    async def correct(request: Request) -> Receipt:
        body = await json_body(request, LARGEST, TooLargeError)
        return await run_in_threadpool(_corrected, service, body)

    @routes.get("/referrals/{code}")
    def receipt(code: str) -> Receipt:
        return service.receipt(code)

    @routes.get("/referrals")
    def receipt_for(sender: Told, reference: Told) -> Receipt:
        return service.receipt_for(sender, reference)

    return routes


def _referred(service: IntakeService, body: bytes) -> Answer:
    return service.refer(body, channel="http")


def _corrected(service: IntakeService, body: bytes) -> Receipt:
    return service.correct(read_correction(body, service.ground()))


def _described(what: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The body as the description of the API shows it; it is not read by that."""
    named = {"$id": f"urn:fengqiao:schema:{what}", **schema}
    content = {"application/json": {"schema": named}}
    return {"requestBody": {"required": True, "content": content}}


def _correction_schema() -> dict[str, Any]:
    referral = {"$id": "urn:fengqiao:schema:corrected", **Referral.model_json_schema()}
    text = {"type": "string", "minLength": 1, "maxLength": 80}
    return {
        "type": "object",
        "required": ["command_id", "person", "referral"],
        "properties": {"command_id": text, "person": text, "referral": referral},
    }
