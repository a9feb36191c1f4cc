"""A directory as bytes that can be kept, and read again when its version is asked for.

The bytes are a zip archive of the region's files and of every head it builds on, the
same for the same files. So the digest that it had follows from it, and shows whether it
was changed. Archives of before heads were kept are read, but show nothing; in those
without a form the digest takes in the heads byte for byte.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from io import BytesIO
from itertools import count, takewhile
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo
from zipfile import Path as ZipFolder

from shared.events.errors import RefusedError
from shared.region import Region
from shared.region_bytes import Folder, read_bytes
from shared.region_faults import RegionRefusedError
from shared.region_head import Head
from shared.region_lineage import (
    HEAD,
    digest_of_line,
    former_digest_of_line,
    head_of,
    lineage,
)
from shared.region_rows import directory_files

_HEAD = "directory.json"
_FORM = {"form": 2}
_BROKEN = (BadZipFile, zlib.error, EOFError, LookupError, RuntimeError, ValueError)
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def archived(region: Region) -> bytes:
    """The directory of a region with its head, to be kept under its digest."""
    heads = _heads(region.folder)
    of_today = bool(heads) and _digest(heads, _FORM) == region.digest
    head = {
        "digest": region.digest,
        "head": region.head.model_dump(mode="json"),
        **(_FORM if of_today else {}),
    }
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        _put(archive, _HEAD, json.dumps(head, ensure_ascii=False).encode())
        for name in sorted(directory_files(region.folder)):
            _put(archive, name, read_bytes(region.folder, name))
        for number, one in enumerate(heads):
            _put(archive, f"{_place(number)}{HEAD}", read_bytes(one, HEAD))
    return buffer.getvalue()


def digest_of(content: bytes) -> str | None:
    """The digest of the directory that is really in these bytes.

    None for what is no archive of a directory, and for one without its heads.
    """
    try:
        archive = ZipFile(BytesIO(content))
        line = _line(ZipFolder(archive))
        if _HEAD not in archive.namelist() or not line or archive.testzip():
            return None
        return _digest(line, json.loads(archive.read(_HEAD)))
    except (*_BROKEN, RegionRefusedError):
        return None


def restored(content: bytes) -> Region:
    """The region as it was, but for its rules, which are kept by themselves.

    Raises `RefusedError` for what is no archive of a directory.
    """
    try:
        archive = ZipFile(BytesIO(content))
        kept, folder = json.loads(archive.read(_HEAD)), ZipFolder(archive)
        if line := _line(folder):
            return Region.of(head_of(line), _digest(line, kept), folder)
        return Region.of(Head.model_validate(kept["head"]), str(kept["digest"]), folder)
    except _BROKEN:
        raise RefusedError(
            "no-directory", "this is no archive of a directory; restore it from a copy"
        ) from None


def _digest(line: Sequence[Folder], kept: object) -> str:
    """The digest of what lies there, made as it was when it was kept."""
    of_today = isinstance(kept, dict) and "form" in kept
    name = digest_of_line if of_today else former_digest_of_line
    return name(line, *directory_files(line[0]))


def _heads(folder: Folder) -> Sequence[Folder]:
    """The places of the heads, also of a region that came from an archive."""
    return _line(folder) if (folder / _HEAD).is_file() else lineage(folder)


def _line(folder: Folder) -> Sequence[Folder]:
    """The places of the heads in an archive, the region's own first."""
    places = (folder / _place(n) if n else folder for n in count())
    return [*takewhile(lambda one: (one / HEAD).is_file(), places)]


def _place(number: int) -> str:
    return f"above/{number}/" if number else ""


def _put(archive: ZipFile, name: str, content: bytes) -> None:
    info = ZipInfo(name, _LONG_AGO)
    info.compress_type = ZIP_DEFLATED
    archive.writestr(info, content)
