"""Letters as signed HTTP posts (webhooks), after the Standard Webhooks scheme.

The receiver checks the HMAC-SHA256 in `webhook-signature` over the raw bytes, refuses
old timestamps, and drops a `webhook-id` it has had.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import ssl
import time
from collections.abc import Callable, Collection, Mapping

import httpx
from pydantic_core import to_json

from services.notifications.channels.base import ChannelError, Letter
from services.notifications.channels.webhook_target import resolved

TIMEOUT = 4.0
GONE = 410


class Webhook:
    """Posts letters to registered addresses; follows no redirect and reads no answer.

    `timeout` is for the whole delivery, however slowly the other side talks.
    """

    def __init__(
        self,
        registered: Collection[str],
        secrets: Mapping[str, tuple[bytes, ...]],
        timeout: float = TIMEOUT,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._registered = frozenset(registered)
        self._secrets, self._timeout, self._clock = secrets, timeout, clock
        self._trusted = ssl.create_default_context()

    def send(self, letter: Letter) -> None:
        url = self._allowed(letter.address)
        body = _body(letter)
        headers = self._headers(letter, body)
        try:
            asyncio.run(asyncio.wait_for(self._post(url, headers, body), self._timeout))
        except TimeoutError:
            raise ChannelError("no-answer-in-time", retry=True) from None
        except (httpx.HTTPError, OSError) as error:
            raise ChannelError(f"http-{type(error).__name__}", retry=True) from None

    def _allowed(self, address: str) -> httpx.URL:
        if address not in self._registered:
            raise ChannelError("address-not-registered", retry=False)
        try:
            url = httpx.URL(address)
        except httpx.InvalidURL:
            raise ChannelError("address-malformed", retry=False) from None
        if url.scheme not in ("http", "https") or not url.host or url.userinfo:
            raise ChannelError("address-malformed", retry=False)
        return url

    def _headers(self, letter: Letter, body: bytes) -> dict[str, str]:
        if not (secrets := self._secrets.get(letter.to)):
            raise ChannelError("no-secret-for-this-body", retry=True)
        id, at = str(letter.notice), str(int(self._clock()))
        signed = (signature(secret, id, at, body) for secret in secrets)
        return {
            "content-type": "application/json",
            "webhook-id": id,
            "webhook-timestamp": at,
            "webhook-signature": " ".join(signed),
        }

    async def _post(self, url: httpx.URL, headers: dict[str, str], body: bytes) -> None:
        """Post to the machine that was checked, under the name that was registered."""
        to = url.copy_with(host=await resolved(url))
        named = {**headers, "host": url.netloc.decode()}
        sni = {"sni_hostname": url.host}
        async with (
            httpx.AsyncClient(verify=self._trusted, trust_env=False) as client,
            client.stream(
                "POST", to, content=body, headers=named, extensions=sni
            ) as response,
        ):
            _must_be_taken(response.status_code)


def _body(letter: Letter) -> bytes:
    told = {"type": letter.type, "timestamp": letter.queued_at, "data": letter.data()}
    return to_json(told)


def signature(secret: bytes, id: str, at: str, body: bytes) -> str:
    """What proves to the receiver that we sent exactly these bytes at that time."""
    signed = f"{id}.{at}.".encode() + body
    digest = hmac.new(secret, signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def _must_be_taken(status: int) -> None:
    if not 200 <= status < 300:
        final = status == GONE or 300 <= status < 400
        raise ChannelError(f"http-{status}", retry=not final)
