"""What other systems may rely on, generated from the code: events, topics, routes.

The files lie under `schemas/` and are committed, so that a change of what we promise
shows as a change of them. Nothing here runs while disputes are handled.
"""

from __future__ import annotations

from services.schemas.files import differences, generated, write

__all__ = ["differences", "generated", "write"]
