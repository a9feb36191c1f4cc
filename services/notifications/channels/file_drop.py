"""Letters as files in a folder, for a person or a gateway that looks into it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from services.notifications.channels.base import ChannelError, Letter
from services.notifications.channels.files import File, put_all

HEAD = "编号 / Notice: {notice}\n致 / To: {to}\n标题 / Subject: {subject}\n\n"


class FileDrop:
    """Puts each letter into the folder of its address, once and whole, by notice id.

    A party's letter names the party by number only: whoever delivers it looks up the
    contact in the system, so no contact ever lies in a folder.
    """

    def __init__(self, outbox: Path) -> None:
        self._outbox = outbox.resolve()

    def send(self, letter: Letter) -> None:
        (error,) = self.send_all([letter])
        if error:
            raise error

    def send_all(self, letters: Sequence[Letter]) -> list[Exception | None]:
        addresses = {letter.address for letter in letters}
        folders = {address: self._folder(address) for address in addresses}
        files = [
            _file(folder, each) for each in letters if (folder := folders[each.address])
        ]
        errors = iter(not_taken(put_all(files)))
        return [
            next(errors)
            if folders[each.address]
            else ChannelError("folder-outside-outbox", retry=False)
            for each in letters
        ]

    def _folder(self, address: str) -> Path | None:
        """The folder of an address; None if that would lie somewhere else."""
        folder = self._outbox / address
        return folder if self._outbox in folder.resolve().parents else None


def not_taken(errors: Sequence[OSError | None]) -> list[Exception | None]:
    """Errors of files as channels tell them."""
    return [
        ChannelError(f"file-{type(error).__name__}", retry=True) if error else None
        for error in errors
    ]


def _file(folder: Path, letter: Letter) -> File:
    head = HEAD.format(notice=letter.notice, to=letter.to, subject=letter.subject)
    return File(folder, f"{letter.notice}.txt", (head + letter.text).encode())
