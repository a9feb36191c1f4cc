"""A directory as bytes that can be kept, and read again when its version is asked for.

The bytes are a zip archive of the region's files, the same for the same files. What is
read from it has the digest that it had.
"""

from __future__ import annotations

import json
from io import BytesIO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo
from zipfile import Path as ZipFolder

from shared.events.errors import RefusedError
from shared.region import Region
from shared.region_bytes import Folder, read_bytes
from shared.region_directory import read_directory
from shared.region_head import Head
from shared.region_rows import directory_files

_HEAD = "directory.json"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def archived(region: Region) -> bytes:
    """The directory of a region with its head, to be kept under its digest."""
    head = {"digest": region.digest, "head": region.head.model_dump(mode="json")}
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        _put(archive, _HEAD, json.dumps(head, ensure_ascii=False).encode())
        for name in sorted(directory_files(region.folder)):
            _put(archive, name, read_bytes(region.folder, name))
    return buffer.getvalue()


def restored(content: bytes) -> Region:
    """The region as it was, but for its rules, which are kept by themselves.

    Raises `RefusedError` for what is no archive of a directory.
    """
    try:
        archive = ZipFile(BytesIO(content))
        kept = json.loads(archive.read(_HEAD))
        head = Head.model_validate(kept["head"])
        return _region(head, str(kept["digest"]), ZipFolder(archive))
    except (BadZipFile, LookupError, ValueError):
        raise RefusedError(
            "no-directory", "this is no archive of a directory; restore it from a copy"
        ) from None


def _region(head: Head, digest: str, folder: Folder) -> Region:
    kinds = {kind.code: kind for kind in head.kinds}
    found = read_directory(folder, head.code, kinds)
    return Region(
        head=head,
        digest=digest,
        folder=folder,
        divisions=found.divisions,
        bodies=found.bodies,
        kinds=kinds,
        profiles={profile.source: profile for profile in head.profiles},
        senders=found.senders,
        _channels=found.channels,
    )


def _put(archive: ZipFile, name: str, content: bytes) -> None:
    info = ZipInfo(name, _LONG_AGO)
    info.compress_type = ZIP_DEFLATED
    archive.writestr(info, content)
