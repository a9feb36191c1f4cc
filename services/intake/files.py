"""Imports a file of referrals: all rows, or none, or the good ones when told so.

All rows are looked at before any is imported. Importing again is harmless: what is
known is known. Bad rows are parked for repair when the good ones go in without them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TypeVar
from uuid import UUID

from services.intake import notes
from services.intake.file_refusals import FileRefusedError
from services.intake.file_report import FileReport, Outcome, RowReport, Why
from services.intake.file_rows import rows_of
from services.intake.profiles import profile_of
from services.intake.reading import Read, read_referral
from services.intake.receipt import Answer, Note, Receipt, notes_on, slip_words
from services.intake.referral import Referral
from services.intake.refusals import FieldProblem, ReferralRefusedError, refused
from services.intake.service import IntakeService
from services.intake.tables import Row
from services.problems import in_short, problem
from shared.events.errors import DatabaseAwayError, FengqiaoError
from shared.events.inbox import Inbox

AT_ONCE = 100

Found = TypeVar("Found")


class Seen(NamedTuple):
    """A referral of this file: the row it stood in first, and what it said."""

    row: int
    digest: bytes


def import_file(
    service: IntakeService,
    inbox: Inbox,
    path: Path,
    sender: str,
    *,
    good_rows: bool = False,
    dry_run: bool = False,
) -> FileReport:
    """Import what `sender` wrote, and report on every row.

    With `dry_run`, or with bad rows and without `good_rows`, nothing is recorded.
    Raises `FileRefusedError` if the file as a whole cannot be read, and
    `DatabaseAwayError`: then the same import again goes on where it stopped.
    """
    file = _File(service, inbox, path, sender)
    looked = tuple(file.look())
    if not looked:
        raise FileRefusedError("empty")
    bad = any(row.outcome is Outcome.REFUSED for row in looked)
    if dry_run or (bad and not good_rows):
        return FileReport(path.name, sender, imported=False, rows=looked)
    return FileReport(path.name, sender, imported=True, rows=tuple(file.enter()))


class _File:
    def __init__(
        self, service: IntakeService, inbox: Inbox, path: Path, sender: str
    ) -> None:
        if sender not in service.region.senders:
            raise refused("sender", "unknown-sender")
        sources = service.region.senders[sender].sources
        self._service, self._inbox = service, inbox
        self._path, self._sender = path, sender
        self._profiles = [profile_of(source) for source in sources]
        self._ground = service.ground()

    def look(self) -> Iterator[RowReport]:
        """What would become of each row."""
        for row, read, came in self._judged(self._service.foresee):
            if isinstance(came, FengqiaoError):
                yield _refused(row, read, came)
            else:
                yield self._foreseen(row, read, again=bool(came))

    def enter(self) -> Iterator[RowReport]:
        """Import every good row, park every bad one."""
        for row, read, answer in self._judged(self._refer):
            if isinstance(answer, FengqiaoError):
                if read is None:
                    notes.not_taken(answer, "file")
                parked = self._park(row, answer)
                yield _refused(row, read, answer)._replace(parked=str(parked))
            else:
                yield _answered(row, read, answer)

    def _judged(
        self, judge: Callable[[Sequence[Read]], Sequence[Found | FengqiaoError]]
    ) -> Iterator[tuple[Row, Read | None, Found | FengqiaoError]]:
        """Every row with what it says, if it can be read, and how that is judged."""
        seen: dict[UUID, Seen] = {}
        rows = rows_of(self._path, self._profiles)
        while chunk := list(islice(rows, AT_ONCE)):
            read = [self._read(row, seen) for row in chunk]
            judged = iter(judge([r for r in read if not isinstance(r, FengqiaoError)]))
            for row, found in zip(chunk, read, strict=True):
                if isinstance(found, FengqiaoError):
                    yield row, None, found
                    continue
                what = next(judged)
                if isinstance(what, DatabaseAwayError):
                    raise what
                yield row, found, what

    def _read(self, row: Row, seen: dict[UUID, Seen]) -> Read | FengqiaoError:
        problems = list(row.problems)
        try:
            found = read_referral(row.body, self._ground, sender=self._sender)
        except ReferralRefusedError as error:
            others = [p for p in error.problems if not _follows(p, problems)]
            return ReferralRefusedError([*problems, *others])
        digest = sha256(found.model_dump_json().encode()).digest()
        before = seen.setdefault(found.dispute, Seen(row.number, digest))
        if before.digest != digest:
            facts = {"row": before.row}
            problems.append(FieldProblem("reference", "reference-twice", facts))
        return ReferralRefusedError(problems) if problems else found

    def _foreseen(self, row: Row, read: Read | None, *, again: bool) -> RowReport:
        report = _reported(row, read, again=again)
        if not isinstance(read, Referral):
            return report
        told = notes_on(read.place, self._ground.place(read.place))
        return report._replace(whys=_whys(told))

    def _refer(self, referrals: Sequence[Read]) -> list[Answer | FengqiaoError]:
        return self._service.refer_many(referrals, channel="file")

    def _park(self, row: Row, error: FengqiaoError) -> UUID:
        headers = {"ce_source": f"/{self._sender}", "row": str(row.number)}
        came_from = f"file/{self._sender}/row-{row.number}"
        return self._inbox.park(came_from, headers, row.body, in_short(error))


def _follows(problem: FieldProblem, of_cells: Sequence[FieldProblem]) -> bool:
    """Whether a fault is only there because cells of the row could not be taken."""
    named = {cell.field for cell in of_cells}
    missing = problem.reason in ("missing", "nobody-named")
    return problem.field in named or (bool(of_cells) and missing)


def _reported(row: Row, read: Read | None, *, again: bool) -> RowReport:
    if isinstance(read, Referral):
        outcome = Outcome.KNOWN if again else Outcome.NEW
        return RowReport(row.number, outcome, read.reference)
    assert read is not None
    why = Why("", read.reason, *slip_words(read.reason))
    return RowReport(row.number, Outcome.RETURNED, read.reference, whys=(why,))


def _answered(row: Row, read: Read | None, answer: Answer) -> RowReport:
    report = _reported(row, read, again=answer.again)
    if not isinstance(answer.given, Receipt):
        return report
    return report._replace(code=answer.given.code, whys=_whys(answer.given.notes))


def _whys(notes: Iterable[Note]) -> tuple[Why, ...]:
    return tuple(Why("", *note.model_dump().values()) for note in notes)


def _refused(row: Row, read: Read | None, error: FengqiaoError) -> RowReport:
    found = problem(error)
    faults = found.get("errors") or [
        {
            "field": "",
            "reason": error.code,
            "zh": found["detail"],
            "en": found["detail_en"],
        }
    ]
    whys = tuple(
        Why(_where(fault), fault["reason"], fault["zh"], fault["en"])
        for fault in faults
    )
    reference = read.reference if read else None
    return RowReport(row.number, Outcome.REFUSED, reference, whys=whys)


def _where(fault: dict[str, str]) -> str:
    return " ".join(filter(None, (fault.get("cell"), fault["field"])))
