"""Letters as files in a folder, for a person or a gateway that looks into it."""

from __future__ import annotations

import os
from pathlib import Path
from threading import get_ident
from typing import BinaryIO

from services.notifications.channels.base import ChannelError, Letter
from shared.disk import sync_folder

HEAD = "编号 / Notice: {notice}\n致 / To: {to}\n标题 / Subject: {subject}\n\n"


class FileDrop:
    """Puts each letter into the folder of its address, once and whole, by notice id.

    A party's letter names the party by number only: whoever delivers it looks up the
    contact in the system, so no contact ever lies in a folder.
    """

    def __init__(self, outbox: Path) -> None:
        self._outbox = outbox.resolve()

    def send(self, letter: Letter) -> None:
        folder = self._outbox / letter.address
        if self._outbox not in folder.resolve().parents:
            raise ChannelError("folder-outside-outbox", retry=False)
        head = HEAD.format(notice=letter.notice, to=letter.to, subject=letter.subject)
        try:
            put_once(folder / f"{letter.notice}.txt", (head + letter.text).encode())
        except OSError as error:
            raise ChannelError(f"file-{type(error).__name__}", retry=True) from error


def put_once(path: Path, content: bytes) -> None:
    """A whole file under this name, on disk; one that is there is left alone."""
    if path.exists():  # the same notice, before a crash
        return
    draft = path.with_name(f".draft-{path.name}-{os.getpid()}-{get_ident()}")
    try:
        with _opened(draft) as file:
            os.fchmod(file.fileno(), 0o640)  # those who deliver may read it
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _opened(draft: Path) -> BinaryIO:
    try:
        return draft.open("wb")
    except FileNotFoundError:
        draft.parent.mkdir(parents=True, exist_ok=True)
        return draft.open("wb")
