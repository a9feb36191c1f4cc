"""The sample world: feeds the sample files, and plays the bodies that answer.

Its time starts on 2026-03-02 and is moved by the script in `samples/answers.toml`.
Everything has an identity of its own, so playing it again does nothing twice.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from pydantic import AwareDatetime

from services.compose import House
from services.escalation.commands import COMMANDS
from services.escalation.views import next_due
from shared.events.base import Value
from shared.events.errors import DatabaseAwayError, FengqiaoError
from shared.events.loop import Pause
from shared.events.vocabulary import dispute_id

log = structlog.get_logger()

Progress = Callable[[str], None]


class Input(Value):
    """A sample file, and the body that sends it."""

    file: str
    sender: str


class Answer(Value):
    """A command of a body on the dispute that a sender calls by this reference."""

    sender: str
    reference: str
    command: dict[str, Any]


class Step(Value):
    """What happens at a moment of the sample's time."""

    at: AwareDatetime
    zh: str
    en: str
    answers: tuple[Answer, ...] = ()


class Script(Value):
    """The sample from beginning to end."""

    begins: AwareDatetime
    inputs: tuple[Input, ...]
    steps: tuple[Step, ...]


class Sample:
    """The sample world in a house. `settle` waits until everything has come to rest."""

    def __init__(
        self, house: House, settle: Callable[[], None], folder: Path | None = None
    ) -> None:
        self._house, self._settle = house, settle
        self._folder = folder or Path(__file__).parents[1] / "samples"
        self.script = read_script(self._folder / "answers.toml")

    def __len__(self) -> int:
        return len(self.script.inputs) + len(self.script.steps)

    def play(self, progress: Progress) -> None:
        """Feed and answer from wherever an earlier run stopped.

        If the database goes away meanwhile, it is played again, which does nothing twice.
        """
        pause = Pause()
        while True:
            try:
                return self._play(progress)
            except DatabaseAwayError:
                log.warning("database_away", client="sample")
                time.sleep(pause.next())

    def _play(self, progress: Progress) -> None:
        database = self._house.database
        database.let_time_move()
        if not database.time_moved():
            database.freeze(self.script.begins)
            database.run_on()
        for each in self.script.inputs:
            progress(each.file)
            self._feed(each)
            self._settle()
        for number, step in enumerate(self.script.steps):
            progress(f"{step.zh} · {step.en}")
            self._pass_time_until(step.at)
            for place, answer in enumerate(step.answers):
                self._answer(answer, f"sample/{number}/{place}")
            self._settle()

    def _feed(self, each: Input) -> None:
        path = self._folder / each.file
        self._house.import_file(path, each.sender, good_rows=True)

    def _pass_time_until(self, at: datetime) -> None:
        """Let time pass, stopping at every clock that comes due on the way."""
        while (due := next_due(self._house.database)) and due < at:
            self._move_to(due + timedelta(seconds=1))
        self._move_to(at)

    def _move_to(self, at: datetime) -> None:
        now = self._house.database.now()
        if at > now:
            self._house.database.advance(at - now)
            self._settle()

    def _answer(self, answer: Answer, command_id: str) -> None:
        escalation = self._house.escalation
        dispute = dispute_id(answer.sender, answer.reference)
        command = COMMANDS.validate_python({"command_id": command_id, **answer.command})
        (done,) = escalation.decide_many([escalation.intent(dispute, command)])
        if isinstance(done.error, FengqiaoError):
            log.warning(
                "sample_answer_refused", command=command_id, why=str(done.error)
            )
        elif done.error:
            raise done.error


def read_script(path: Path) -> Script:
    return Script.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
