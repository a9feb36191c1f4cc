"""Bodies of requests, read in bounded pieces."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Request

from shared.events.errors import FengqiaoError, NotJsonError, TooLargeError


async def json_body(
    request: Request,
    largest: int,
    too_large: Callable[[int], FengqiaoError] = TooLargeError,
) -> bytes:
    """The whole body, unless it does not claim to be JSON or has too many bytes.

    A body that states its length is refused before it is read. Raises `NotJsonError` or
    what `too_large` makes of the limit.
    """
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/json" and not media.endswith("+json"):
        raise NotJsonError
    stated = request.headers.get("content-length", "")
    if stated.isascii() and stated.isdigit() and int(stated[:20]) > largest:
        raise too_large(largest)
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > largest:
            raise too_large(largest)
        pieces.append(piece)
    return b"".join(pieces)
