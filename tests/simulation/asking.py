"""What people send and ask, over HTTP or a topic, until there is an answer."""

from __future__ import annotations

import json

from services.escalation.service import read_command
from services.intake.corrections import read_correction
from shared.events.errors import DatabaseAwayError, FengqiaoError
from tests.simulation import bodies
from tests.simulation.broker import PARTITIONS
from tests.simulation.house import MemoryHouse
from tests.simulation.promises import Promises
from tests.simulation.referrals import RUBBISH, Sending
from tests.simulation.world import Broken, World

Request = tuple[str, bytes, str]
"""Its kind, its body, and what it is in words."""


class Asking:
    """Asks, and asks again what got no answer, or what did, as people do."""

    def __init__(self, world: World, promises: Promises) -> None:
        self.world, self.choices, self._promises = world, world.choices, promises
        self.disputes = 1
        self.unanswered: list[Request] = []
        self._kept: list[Request] = []
        self._number = 0

    def refers(self) -> None:
        sending = Sending(self.choices, self.disputes)
        rubbish = self.choices.one_in(12)
        body = RUBBISH if rubbish else sending.body
        what = "rubbish" if rubbish else str(sending)
        if self.world.on_kafka and self.choices.below(2):
            self._put(sending.topic, sending.sender, body, what)
        else:
            self._ask("refer", body, what)

    def corrects(self) -> None:
        sending = Sending(self.choices, self.disputes)
        self._number += 1
        self._ask("correct", sending.correction(self._number), f"correction: {sending}")

    def commands(self) -> None:
        known = self._promises.custody
        if not known:
            self.refers()
            return
        dispute = self.choices.one_of(list(known))
        self._number += 1
        told = bodies.command(known[dispute], self.choices, self._number)
        body = json.dumps({"code": known[dispute].code, "command": told}).encode()
        what = f"{told['by']}: {told['command']} ({told['command_id']})"
        if self.world.on_kafka and self.choices.below(2):
            self._put("answers.police", told["by"], body, what)
        else:
            self._ask("command", body, what)

    def _put(self, topic: str, sender: str, body: bytes, what: str) -> None:
        self._number += 1
        headers = {"ce_source": f"/{sender}", "ce_id": f"m{self._number}"}
        pairs = [(name, value.encode()) for name, value in headers.items()]
        partition = self.choices.below(PARTITIONS)
        self.world.say(f"on {topic}: {what}")
        self.world.topics.add(topic, partition, None, body, pairs)

    def asks_again(self) -> None:
        """Somebody without an answer asks again; or with one, as people do."""
        found = self.unanswered or self._kept
        if found:
            again = self.choices.one_of(found)
            if again in self.unanswered:
                self.unanswered.remove(again)
            self._ask(*again)

    def _ask(self, kind: str, body: bytes, what: str) -> None:
        name = "escalation" if kind == "command" else "intake"
        request = (kind, body, what)
        self.unanswered.append(request)
        self.world.say(f"asked of {name}: {what}")
        number = self.world.either()
        with self.world.process(name, number) as house:
            try:
                self._answered(request, _HANDLE[kind](house, body))
            except DatabaseAwayError:
                return
            except FengqiaoError as error:
                self.world.say(f"    refused: {error.code}")
                self._answered(request, None)
            if request in self.unanswered:
                self.unanswered.remove(request)

    def _answered(self, request: Request, answer: str | None) -> None:
        """The same as before. Only what came to nothing may come to something else."""
        before = self.world.answers.setdefault(request, answer) if answer else None
        if answer is None and request[0] == "command":
            before = self.world.answers.get(request)
        if before != answer and before:
            found = f"{request[2]}: {before}, then {answer}"
            raise Broken("asked again, the answer is the same", found)
        if answer and request not in self._kept:
            self._kept.append(request)


def _refer(house: MemoryHouse, body: bytes) -> str:
    return house.intake.refer(body, channel="http").given.code


def _correct(house: MemoryHouse, body: bytes) -> str:
    ground = house.intake.ground()
    return house.intake.correct(read_correction(body, ground)).code


def _command(house: MemoryHouse, body: bytes) -> str:
    told = json.loads(body)
    command = read_command(json.dumps(told["command"]).encode())
    return " ".join(e.id for e in house.escalation.execute(told["code"], command))


_HANDLE = {"refer": _refer, "correct": _correct, "command": _command}
