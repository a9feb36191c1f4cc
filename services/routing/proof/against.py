"""Why a body does not count, although it is there."""

from __future__ import annotations

from enum import StrEnum


class Against(StrEnum):
    """Words for these stand in the message file under `proof.against`."""

    HOLDS = "holds"
    SENT = "sent"
    CLOSED = "closed"
    OTHER_KINDS = "other-kinds"
    MEMBERS = "members"
    TOO_LOW = "too-low"
    NOT_PUBLIC = "not-public"
