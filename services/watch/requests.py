"""Notes how long every request took, by the route it went to, never by its address."""

from __future__ import annotations

from time import monotonic

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.events import watch

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OTHER = "other"


class Timed:
    """An ASGI middleware. What fails without an answer counts as 5xx."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = monotonic(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else _OTHER
            labels = (method, _route(scope), f"{status // 100}xx")
            watch.took("http_request", monotonic() - began, *labels)


def _route(scope: Scope) -> str:
    """The template of the route, such as /disputes/{code}; what leads nowhere has none."""
    return getattr(scope.get("route"), "path", _OTHER)
