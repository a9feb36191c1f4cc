"""The files of a region as bytes and texts, bounded, and the digest that names them."""

from __future__ import annotations

from hashlib import sha256
from importlib.resources.abc import Traversable
from pathlib import Path

from shared.region_faults import RegionRefusedError

Folder = Traversable | Path
LARGEST = 64 * 1024 * 1024


def read_text(folder: Folder, name: str) -> str:
    """The text of a file, with or without the mark that Excel puts in front."""
    try:
        return read_bytes(folder, name).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RegionRefusedError(
            name, "the file", "it is not UTF-8", "save it as CSV UTF-8", why="not-utf8"
        ) from None


def read_bytes(folder: Folder, name: str) -> bytes:
    try:
        with (folder / name).open("rb") as file:
            content = bytes(file.read(LARGEST + 1))
    except (OSError, ValueError) as error:
        gone = isinstance(error, FileNotFoundError)
        raise RegionRefusedError(
            name,
            "the file",
            "it is not there" if gone else "it cannot be read",
            "put it there" if gone else "let this program read it",
            why="no-file" if gone else "unreadable",
        ) from None
    if len(content) > LARGEST:
        raise RegionRefusedError(
            name,
            "the file",
            f"it is larger than {LARGEST} bytes",
            "split the region",
            why="too-large",
            limit=LARGEST,
        )
    return content


def digest_of(folder: Folder, *names: str) -> str:
    """Names the content of files: any change of a byte is another digest."""
    total = sha256()
    for name in sorted(names):
        content = read_bytes(folder, name)
        total.update(f"{name} {len(content)}\n".encode())
        total.update(content)
    return total.hexdigest()[:12]
