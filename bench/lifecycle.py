"""Whole lifecycles over HTTP: create, accept, mediate, resolve, search."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from pydantic_core import to_json

from bench.http import Answer, Client
from bench.offers import Offers
from bench.open_loop import milliseconds
from bench.product import Product
from bench.referrals import Referral, referrals
from bench.usage import Usage

AT_ONCE = 16
ONLY = ("police-fengqiao", "neighbour")
"""Disputes that the sample region offers to a body that mediates itself."""


class FailedError(Exception):
    """A step of a lifecycle was refused."""


class Lifecycles:
    """Clients that live lifecycles one after another, many at once."""

    def __init__(
        self, product: Product, offers: Offers, *, closing: bool = False
    ) -> None:
        """With `closing` the parties are told, and the dispute is struck off."""
        self._intake = Client(product.url("intake"))
        self._escalation = Client(product.url("escalation"))
        self._audit = Client(product.url("audit"))
        self._offers = offers
        self._commands = {**_COMMANDS, **_CLOSING} if closing else _COMMANDS
        self.times: dict[str, list[float]] = {}

    async def live(self, all_sent: list[Referral]) -> None:
        """Live them all, `AT_ONCE` at a time."""
        left = iter(all_sent)
        await asyncio.gather(*(self._one_after_another(left) for _ in range(AT_ONCE)))
        for client in (self._intake, self._escalation, self._audit):
            client.close()

    async def _one_after_another(self, left: Iterator[Referral]) -> None:
        for each in left:
            begun = time.monotonic()
            await self._live(each)
            self._took("whole", begun)

    async def _live(self, each: Referral) -> None:
        made = await self._step("create", self._intake.post("/referrals", each.body))
        begun = time.monotonic()
        offer = await self._offers.of(each.dispute)
        self._took("offer", begun)
        path = f"/disputes/{made.json['code']}/commands"
        for step, told in self._commands.items():
            command = {"command_id": f"{each.reference}/{step}", "by": offer.to, **told}
            await self._step(step, self._escalation.post(path, to_json(command)))
        search = f"/disputes?holder={quote(offer.to)}&limit=20"
        await self._step("search", self._audit.get(search))

    async def _step(self, name: str, asked: Any) -> Answer:
        begun = time.monotonic()
        answer: Answer = await asked
        if not answer.fine:
            raise FailedError(f"{name}: {answer.status} {answer.body[:300]!r}")
        self._took(name, begun)
        return answer

    def _took(self, name: str, begun: float) -> None:
        self.times.setdefault(name, []).append(time.monotonic() - begun)


_COMMANDS: dict[str, dict[str, Any]] = {
    "accept": {"command": "accept", "person": "mediator-1"},
    "consent": {
        "command": "record_consent",
        "person": "mediator-1",
        "party": 0,
        "willing": True,
    },
    "start": {
        "command": "start_mediation",
        "person": "mediator-1",
        "rights_notice": True,
    },
    "resolve": {
        "command": "record_outcome",
        "person": "mediator-1",
        "result": "agreed_written",
        "performed": True,
    },
}
_CLOSING: dict[str, dict[str, Any]] = {
    "reply": {"command": "record_reply", "person": "mediator-1", "way": "in_person"},
    "close": {"command": "close", "person": "mediator-1"},
}


def lifecycles(product: Product, run: str, count: int = 500) -> dict[str, Any]:
    """How many lifecycles a second, and how long each step takes. Raises `FailedError`."""
    sent = list(referrals(f"{run}-life", count, only=ONLY))
    offers = Offers(product.database_url)
    living = Lifecycles(product, offers)
    usage, begun = Usage(product.processes), time.monotonic()
    try:
        asyncio.run(living.live(sent))
    finally:
        offers.stop()
    seconds = time.monotonic() - begun
    product.settle()
    used = usage.seconds()
    return {
        "lifecycles": count,
        "at_once": AT_ONCE,
        "per_second": count / seconds,
        "cpu_per_1000": {name: s * 1000 / count for name, s in used.items()},
        "steps_ms": {name: milliseconds(took) for name, took in living.times.items()},
    }
