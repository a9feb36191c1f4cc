"""Bodies outside, many at once, who send until they are answered, and now and then twice.

A seed decides who sends what by which way. Everything is written into the ledger: first
that it is sent, and then, if it was, that it was acknowledged.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from itertools import count
from random import Random
from typing import Any

import httpx
from pydantic_core import to_json

from tests.chaos.ledger import Command, Ledger, Referral
from tests.stories.cases import CONTRACT, COURT, FAMILY, NEIGHBOURS, PETITION, POLICE
from tests.stories.kafka_world import KafkaWorld

PATIENCE = 150.0
"""Seconds in which whatever was killed or away must be back."""

KINDS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (POLICE, "police", NEIGHBOURS),
    (PETITION, "petition", NEIGHBOURS),
    (COURT, "court", CONTRACT),
    (POLICE, "police", FAMILY),
)
AWAY = {429, 502, 503, 504, 507}
"""What a server answers that cannot do it now."""


class Client:
    """Senders that share one numbered pile of referrals; number and seed give content."""

    def __init__(
        self, world: KafkaWorld, ledger: Ledger, *, prefix: str = "chaos"
    ) -> None:
        self.world, self.ledger, self._prefix = world, ledger, prefix
        self._numbers, self._enough = count(), threading.Event()

    @contextmanager
    def load(self, senders: int = 3, pause: float = 0.5) -> Iterator[None]:
        """Send for as long as what is done inside takes, and then finish what is begun.

        Each sender rests `pause` seconds after each referral.
        """
        self._enough.clear()
        with ThreadPoolExecutor(senders, thread_name_prefix="body") as pool:
            working = [pool.submit(self._send_on, pause) for _ in range(senders)]
            try:
                yield
            finally:
                self._enough.set()
                for each in working:  # what stopped a sender may be why this failed
                    each.result()

    def send(self, number: int, senders: int = 4) -> None:
        """Send so many referrals, and wait until all are acknowledged."""
        with ThreadPoolExecutor(senders, thread_name_prefix="body") as pool:
            shares = [
                number // senders + (n < number % senders) for n in range(senders)
            ]
            working = [pool.submit(self._send_some, share) for share in shares]
        for each in working:
            each.result()

    def _send_on(self, pause: float) -> None:
        with closing(_Body(self)) as body:
            while not self._enough.is_set():
                body.send(next(self._numbers))
                self._enough.wait(pause)

    def _send_some(self, number: int) -> None:
        with closing(_Body(self)) as body:
            for _ in range(number):
                body.send(next(self._numbers))

    def referral(self, number: int) -> tuple[str, dict[str, Any], Random]:
        """The n-th referral of this seed, the topic of its sender, and its own chance."""
        chance = Random(f"{self.ledger.seed}/{self._prefix}/{number}")
        sender, topic, told = chance.choice(KINDS)
        reference = f"{self._prefix}-{self.ledger.seed}-{number}"
        return topic, {"sender": sender, "reference": reference, **told}, chance


class _Body:
    """One sender: a thread, its own connections, and the disputes it follows up."""

    def __init__(self, client: Client) -> None:
        self._client, self._ledger = client, client.ledger
        self._world = client.world
        self._http = httpx.Client(timeout=15)
        self._followed = list[tuple[str, dict[str, Any], Random]]()

    def close(self) -> None:
        self._http.close()

    def send(self, number: int) -> None:
        """Send one referral once or more often, then answer an earlier one."""
        topic, referral, chance = self._client.referral(number)
        for _ in range(chance.choice((1, 1, 1, 2))):
            if chance.random() < 0.6:
                self._refer(referral)
            else:
                self._refer_by_topic(topic, referral)
        self._followed.append((topic, referral, chance))
        if len(self._followed) > FOLLOW_AFTER:
            followed = self._followed.pop(0)
            if not self._answered(*followed):
                self._followed.append(followed)

    def _refer(self, referral: dict[str, Any]) -> None:
        said = Referral(referral["sender"], referral["reference"])
        self._ledger.sent(said)
        url = "/referrals"
        answer = self._until_answered("intake", "POST", url, content=to_json(referral))
        assert answer.is_success, answer.text
        self._ledger.acknowledged(said, answer.text)

    def _refer_by_topic(self, topic: str, referral: dict[str, Any]) -> None:
        said = Referral(referral["sender"], referral["reference"])
        self._ledger.sent(said)
        headers = {"ce_source": f"/{said.sender}"}
        self._say(f"referrals.{topic}", headers, to_json(referral))
        self._ledger.acknowledged(said)

    def _answered(self, topic: str, referral: dict[str, Any], chance: Random) -> bool:
        """Whoever it is offered to takes or declines it; False if nobody is asked yet."""
        asked = {name: referral[name] for name in ("sender", "reference")}
        receipt = self._until_answered("intake", "GET", "/referrals", params=asked)
        if not receipt.is_success:
            return False
        code = receipt.json()["code"]
        row = self._until_answered("audit", "GET", f"/disputes/{code}")
        if not row.is_success or row.json()["stage"] in ("unknown", "routing"):
            return False
        if by := row.json()["offered_to"]:
            self._command(topic, code, by, chance)
        return True

    def _command(self, topic: str, code: str, by: str, chance: Random) -> None:
        said = Command(by, f"{code}/{chance.randrange(10**9)}")
        told = {"by": by, "person": CLERK, "command_id": said.command_id}
        told |= chance.choice((ACCEPT, ACCEPT, DECLINE))
        self._ledger.sent(said)
        if chance.random() < 0.3:
            body = to_json({"code": code, "command": told})
            self._say(f"answers.{topic}", {"ce_source": f"/{by}"}, body)
            self._ledger.acknowledged(said)
            return
        for _ in range(chance.choice((1, 1, 2))):
            self._command_by_http(said, code, to_json(told))

    def _command_by_http(self, said: Command, code: str, body: bytes) -> None:
        path = f"/disputes/{code}/commands"
        answer = self._until_answered("escalation", "POST", path, content=body)
        if answer.is_success:
            self._ledger.acknowledged(said, answer.text)
        else:
            assert answer.is_client_error, answer.text
            self._ledger.refused(said)

    def _until_answered(
        self, service: str, method: str, path: str, **told: Any
    ) -> httpx.Response:
        """Ask again and again until somebody is there who can answer."""

        def ask() -> httpx.Response | None:
            with suppress(httpx.TransportError):
                url = self._world.url(service) + path
                answer = self._http.request(method, url, headers=JSON, **told)
                return None if answer.status_code in AWAY else answer
            return None

        found = self._patiently(ask, f"{method} {path} at {service}")
        assert isinstance(found, httpx.Response)
        return found

    def _say(self, topic: str, headers: dict[str, str], body: bytes) -> None:
        """Put it on the topic; what is not acknowledged is put there again."""

        def say() -> bool | None:
            with suppress(TimeoutError):
                self._world.say(topic, headers, body)
                return True
            return None

        self._patiently(say, f"a message on {topic}")

    def _patiently(self, attempt: Callable[[], Any], what: str) -> Any:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if (found := attempt()) is not None:
                return found
            time.sleep(0.1)
        raise AssertionError(f"{what}: no answer within {PATIENCE:.0f} s")


FOLLOW_AFTER = 6
"""A sender looks at a dispute again after so many others."""

CLERK = "样例经办-9"
ACCEPT = {"command": "accept"}
DECLINE = {"command": "decline", "reason": "lacks_capacity"}
JSON = {"content-type": "application/json"}
