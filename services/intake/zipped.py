"""Opens a zip archive from somebody else's machine: measured before anything is used.

Knows nothing of what is in it.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from services.intake.file_refusals import FileRefusedError

MOST_UNPACKED = 256 * 1024 * 1024
MOST_PARTS = 500

_PIECE = 1024 * 1024
_BROKEN = (
    BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
)
"""What reading a damaged or encrypted archive may raise."""


@contextmanager
def opened(path: Path) -> Iterator[ZipFile]:
    """An archive whose unpacked size has been measured and not only believed.

    Raises `FileRefusedError`.
    """
    with path.open("rb") as file:
        try:
            archive = ZipFile(file)
            _measure(archive)
        except _BROKEN:
            raise FileRefusedError("broken-workbook") from None
        with archive:
            yield archive


def _measure(archive: ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > MOST_PARTS:
        raise FileRefusedError("unpacks-too-large", limit=MOST_UNPACKED)
    if sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise FileRefusedError("unpacks-too-large", limit=MOST_UNPACKED)
    for part in parts:
        if part.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise FileRefusedError("broken-workbook")
        with archive.open(part) as stream:  # fails where the stated size is a lie
            while stream.read(_PIECE):
                pass
