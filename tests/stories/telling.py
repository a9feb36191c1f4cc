"""Tells many stories in one world at once, as they happen in one county.

A story is written as if it were alone. Whenever it waits, for its consequences or for
days to pass, the others go on; so all of them share one calendar, and a world has to
come to rest only once for all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Generator, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from pydantic_core import to_json

from shared.events.inbox import ParkedMessage
from tests.stories.world import World

Story = Callable[["Teller"], Coroutine["Pause", None, None]]
Meanwhile = Callable[[int], None]

CLERK = "样例经办-7"
"""The work name under which officials act in stories."""


class Pause:
    """Waits until everything has come to rest, or until a time."""

    def __init__(self, until: datetime | None = None) -> None:
        self.until = until

    def __await__(self) -> Generator[Pause, None, None]:
        yield self


class Teller:
    """What a story is told with: bodies that refer, and days that pass."""

    def __init__(self, world: World, story: str) -> None:
        self.world, self._story, self._references = world, story, 0

    async def refer(self, sender: str, **told: Any) -> Case:
        """A body refers a dispute over HTTP."""
        case = self.case(sender, **told)
        await case.comes_by_http()
        return case

    def case(self, sender: str, **told: Any) -> Case:
        """A dispute that a body has on its desk and has told nobody of."""
        self._references += 1
        reference = f"{self._story}-{self._references}"
        return Case(self.world, {"sender": sender, "reference": reference, **told})

    async def days(self, number: float) -> None:
        await Pause(self.world.now() + timedelta(days=number))


class Case:
    """A dispute as the bodies know it, by the code on its receipt."""

    def __init__(self, world: World, referral: dict[str, Any]) -> None:
        self.world, self.referral = world, referral
        self._commands = 0

    # How it comes in

    async def comes_by_http(self) -> dict[str, Any]:
        """The receipt, or the problem."""
        found = self.is_sent()
        await Pause()
        return found

    def is_sent(self) -> dict[str, Any]:
        """As `comes_by_http`; what follows from it is still to come."""
        answer = self.world.post("intake", "/referrals", self.referral)
        found: dict[str, Any] = answer.json()
        return found

    async def comes_by_topic(self, topic: str, body: bytes | None = None) -> None:
        headers = {"ce_source": f"/{self.referral['sender']}"}
        self.world.say(topic, headers, body or to_json(self.referral))
        await Pause()

    async def comes_by_file(self) -> list[str | None]:
        """The codes in the report on the file, row by row."""
        path = self.world.settings.data / f"{self.referral['reference']}.jsonl"
        path.write_text(json.dumps(self.referral, ensure_ascii=False) + "\n", "utf-8")
        report = self.world.hand_in(path, self.referral["sender"])
        await Pause()
        return [row.code for row in report.rows]

    async def is_corrected(self, **told: Any) -> None:
        """The sender puts right what it told."""
        self.referral = {**self.referral, **told}
        self._commands += 1
        answer = self.world.post(
            "intake",
            "/referrals/corrections",
            {
                "command_id": f"{self.referral['reference']}/{self._commands}",
                "person": CLERK,
                "referral": self.referral,
            },
        )
        assert answer.is_success, answer.text
        await Pause()

    # What bodies do with it

    async def does(
        self, by: str, command: str, *, topic: str | None = None, **told: Any
    ) -> None:
        """A body acts, over HTTP or by its topic."""
        if topic:
            body = to_json(
                {"code": self.code, "command": self._command(by, command, told)}
            )
            self.world.say(topic, {"ce_source": f"/{by}"}, body)
        else:
            self.has_done(by, command, **told)
        await Pause()

    def has_done(self, by: str, command: str, **told: Any) -> None:
        """As `does`; what follows from it is still to come."""
        told = self._command(by, command, told)
        answer = self.world.post("escalation", self._commands_path, told)
        assert answer.is_success, answer.text

    def may_not(self, by: str, command: str, **told: Any) -> str:
        """A body tries to act and is refused; the code of the problem."""
        told = self._command(by, command, told)
        answer = self.world.post("escalation", self._commands_path, told)
        assert answer.is_client_error, answer.text
        return str(answer.json()["type"]).rpartition(":")[2]

    async def is_mediated_by(self, body: str) -> None:
        """All parties are willing, hear their rights, and sit down."""
        self.has_done(body, "record_consent", party=0, willing=True)
        self.has_done(body, "start_mediation", rights_notice=True)
        await Pause()

    async def is_closed_by(self, body: str, way: str = "in_person") -> None:
        """The parties are told the result, and the dispute is struck off (销号)."""
        self.has_done(body, "record_reply", way=way)
        self.has_done(body, "close")
        await Pause()
        assert self.row["stage"] == "closed"

    # What can be seen of it

    @property
    def receipt(self) -> dict[str, Any]:
        asked = {name: self.referral[name] for name in ("sender", "reference")}
        found: dict[str, Any] = self.world.get("intake", "/referrals", **asked)
        return found

    @cached_property
    def code(self) -> str:
        return str(self.receipt["code"])

    @property
    def row(self) -> dict[str, Any]:
        """Its row in the ledger (台账)."""
        found: dict[str, Any] = self.world.get("audit", f"/disputes/{self.code}")
        return found

    def standing(self) -> tuple[str, str, str | None]:
        """Where it stands, who holds it, whom it is offered to."""
        row = self.row
        return row["stage"], row["holder"], row["offered_to"]

    @property
    def steps(self) -> list[dict[str, Any]]:
        found = self.world.get("audit", f"/disputes/{self.code}/story")["steps"]
        assert isinstance(found, list)
        return found

    def told(self, name: str) -> list[dict[str, Any]]:
        """The content of every event of this name, in the order of the story."""
        return [s["data"] for s in self.steps if s["name"].rpartition(".")[0] == name]

    def state(self, at: datetime, known_at: datetime | None = None) -> dict[str, Any]:
        """How it stood at a time, as known now or at another time."""
        asked = {"at": at.isoformat()}
        if known_at:
            asked["known_at"] = known_at.isoformat()
        path = f"/disputes/{self.code}/state"
        found: dict[str, Any] = self.world.get("audit", path, **asked)
        return found

    @property
    def parked(self) -> list[ParkedMessage]:
        """Messages of its sender that wait for a person."""
        return [
            message
            for inbox in self.world.house.inboxes().values()
            for message in inbox.parked()
            if str(self.referral["reference"]).encode() in message.body
        ]

    def _command(self, by: str, command: str, told: dict[str, Any]) -> dict[str, Any]:
        self._commands += 1
        number = f"{self.referral['reference']}/{self._commands}"
        who = {"by": by, "person": CLERK, "command_id": number}
        return {**who, "command": command, **told}

    @property
    def _commands_path(self) -> str:
        return f"/disputes/{self.code}/commands"


def tell(
    world: World,
    stories: Sequence[Story],
    *,
    prefixes: Sequence[str] = ("",),
    meanwhile: Meanwhile = lambda turn: None,
) -> dict[str, Exception | None]:
    """Tell them all to their ends; what went wrong in each.

    With several prefixes each is told as often, about references that begin so.
    `meanwhile` is called in every turn while all that was said is still on its way.
    """
    ends: dict[str, Exception | None] = {}
    told = {
        prefix + story.__name__: story(Teller(world, prefix + story.__name__))
        for prefix in prefixes
        for story in stories
    }
    waiting: dict[str, Pause] = dict.fromkeys(told, Pause())
    turn = 0
    while waiting:
        for name in [n for n, pause in waiting.items() if _is_over(pause, world)]:
            del waiting[name]
            try:
                waiting[name] = told[name].send(None)
            except StopIteration:
                ends[name] = None
            except Exception as error:  # of this story; the others go on
                ends[name] = error
        turn += 1
        meanwhile(turn)
        world.settle()
        times = [pause.until for pause in waiting.values() if pause.until]
        if len(times) == len(waiting) > 0:
            world.pass_time_until(min(times))
    return ends


def _is_over(pause: Pause, world: World) -> bool:
    return pause.until is None or world.now() >= pause.until
