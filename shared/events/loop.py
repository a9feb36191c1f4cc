"""Something that is done again and again in a thread of its own until told to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from shared.events import watch
from shared.events.errors import DatabaseAwayError

log = structlog.get_logger()

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0


class Pause:
    """A pause that grows while something is away, and starts small again after."""

    def __init__(self) -> None:
        self._seconds = FIRST_PAUSE

    def next(self) -> float:
        seconds, self._seconds = self._seconds, min(self._seconds * 2, LONGEST_PAUSE)
        return seconds

    def over(self) -> None:
        self._seconds = FIRST_PAUSE


class Loop:
    """Calls `step` until `stop`; when it did nothing, waits to be rung or `idle` seconds.

    While the database is away it pauses and tries again. If `step` fails in any other
    way the loop ends and says so to `failed`, which is to end the process: a loop that
    is silently gone would be worse.
    """

    def __init__(
        self,
        name: str,
        step: Callable[[], int],
        failed: Callable[[str], None],
        *,
        idle: float = 1.0,
        rung: threading.Event | None = None,
    ) -> None:
        self._step, self._failed, self._idle = step, failed, idle
        self._rung = rung or threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped = True
        self._rung.set()

    def join(self, within: float = 4.0) -> None:
        self._thread.join(within)

    def _run(self) -> None:
        pause = Pause()
        while not self._stopped:
            self._rung.clear()
            try:
                did = self._step()
            except DatabaseAwayError:
                log.warning("database_away", loop=self._thread.name)
                self._rung.wait(pause.next())
            except Exception as error:
                log.error(
                    "loop_ended", loop=self._thread.name, error=type(error).__name__
                )
                self._failed(self._thread.name)
                raise
            else:
                watch.polled(self._thread.name)
                pause.over()
                if not did and not self._stopped:
                    self._rung.wait(self._idle)
