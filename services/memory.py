"""How Python looks for unreachable objects in the long-running processes."""

from __future__ import annotations

import gc


def collect_seldom() -> None:
    """Search for reference cycles a hundred times less often than Python does.

    What is kept for long, folded states above all, are trees of values that never
    change and have no cycles; searching them again and again takes a third of a busy
    service's time. What is loaded by now is never searched.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(70_000, 20, 50)
