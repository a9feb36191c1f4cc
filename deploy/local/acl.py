"""Lets one user pass through a folder that is closed to others.

On Linux by an entry in the folder's access list, so that nobody else gains anything;
where there are no access lists, by the execute bit for others, and a warning says so.
"""

from __future__ import annotations

import logging
import os
import stat
import struct
from pathlib import Path

logger = logging.getLogger(__name__)

ATTRIBUTE = "system.posix_acl_access"
VERSION = struct.Struct("<I")
ENTRY = struct.Struct("<HHI")
OWNER, USER, GROUP, MASK, OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
NO_ID = 0xFFFFFFFF
PASS = 1

Entries = dict[tuple[int, int], int]


def let_pass(folder: Path, uid: int) -> None:
    """Let this user go through the folder; it still cannot list or read it."""
    try:
        entries = _read(folder)
        entries[USER, uid] = entries.get((USER, uid), 0) | PASS
        group = entries[GROUP, NO_ID]
        entries[MASK, NO_ID] = entries.get((MASK, NO_ID), group) | PASS
        os.setxattr(folder, ATTRIBUTE, _packed(entries))
    except (OSError, AttributeError):
        folder.chmod(stat.S_IMODE(folder.stat().st_mode) | stat.S_IXOTH)
        logger.warning("others may now pass through %s, but not list it", folder)


def _read(folder: Path) -> Entries:
    if ATTRIBUTE not in os.listxattr(folder):
        mode = folder.stat().st_mode
        rights = {OWNER: mode >> 6 & 7, GROUP: mode >> 3 & 7, OTHER: mode & 7}
        return {(tag, NO_ID): right for tag, right in rights.items()}
    packed = os.getxattr(folder, ATTRIBUTE)[VERSION.size :]
    return {(tag, who): right for tag, right, who in ENTRY.iter_unpack(packed)}


def _packed(entries: Entries) -> bytes:
    rows = [ENTRY.pack(tag, entries[tag, who], who) for tag, who in sorted(entries)]
    return VERSION.pack(2) + b"".join(rows)
