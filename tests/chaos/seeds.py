"""The seed of a run: a new one each time, or that of the environment to run it again."""

from __future__ import annotations

import os
from random import SystemRandom

VARIABLE = "FENGQIAO_SEED"


def chosen() -> int:
    """`FENGQIAO_SEED`, or a new one."""
    given = os.environ.get(VARIABLE)
    return int(given) if given else SystemRandom().randrange(10**6)


SEED = chosen()
"""That of this process."""
