"""Why a dispute went where it went, over HTTP. Only reads.

`GET /disputes/{code}/decisions`, `/disputes/{code}/decisions/{request}`,
`/disputes/{code}/decisions/{request}/why-not?body=`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path, Query

from services.routing.explaining.service import Explanations
from services.routing.explaining.values import Explanation, WhyNot

Number = Annotated[int, Path(ge=1)]
Target = Annotated[str, Query(min_length=1, max_length=80)]


def router(explanations: Callable[[], Explanations]) -> APIRouter:
    """`body` is a body of the directory or a kind of body, such as PMC_TOWNSHIP."""
    routes = APIRouter(tags=["routing"])

    @routes.get("/disputes/{code}/decisions", response_model_exclude_none=True)
    def decisions(code: str) -> list[Explanation]:
        return [*explanations().decisions(code)]

    @routes.get(
        "/disputes/{code}/decisions/{request}", response_model_exclude_none=True
    )
    def decision(code: str, request: Number) -> Explanation:
        return explanations().decision(code, request)

    @routes.get(
        "/disputes/{code}/decisions/{request}/why-not",
        response_model_exclude_none=True,
    )
    def why_not(code: str, request: Number, body: Target) -> WhyNot:
        return explanations().why_not(code, body, request)

    return routes
