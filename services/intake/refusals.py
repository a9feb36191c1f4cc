"""Why a referral cannot be registered: each field with a reason code and its facts.

Fields are named, values never: they may be a person's. The words stand in
`messages.toml` beside this file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from services.field_names import as_field
from services.intake.profiles import profile_of
from services.texts import Language, Texts
from shared.events.errors import FengqiaoError
from shared.events.vocabulary import Source

WHOLE = ""
"""The field of a fault that concerns the referral as a whole."""

MOST_SHOWN = 20
OTHER_HEADINGS = ("姓名性别", "民族年龄", "住址职业单位", "身份证号", "联系手机邮箱")
"""What else often stands over a column, so that a sender is told it is not read."""

text = Texts("services.intake")


class FieldProblem(NamedTuple):
    """What is wrong with a field: as the sender calls it, a reason code, facts.

    `cell` is where it stands in a sheet, such as F7.
    """

    field: str
    reason: str
    facts: Mapping[str, object] = MappingProxyType({})
    cell: str | None = None

    def words(self, language: Language) -> str:
        return text(f"field.{self.reason}", language, **self.facts)

    def in_short(self) -> str:
        where = " ".join(filter(None, (self.cell, self.field)))
        return f"{where or 'whole'}: {self.reason}"


class ReferralRefusedError(FengqiaoError):
    """A referral cannot be registered as it came."""

    code = "referral-refused"

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        self.problems = tuple(problems[:MOST_SHOWN])
        short = "; ".join(problem.in_short() for problem in self.problems)
        super().__init__(
            f"the referral was not registered ({short}); correct these fields and send "
            "it again under the same reference",
            count=len(problems),
        )

    @property
    def errors(self) -> list[dict[str, str]]:
        """The faults as problem details show them."""
        return [
            {
                "field": problem.field,
                "reason": problem.reason,
                "zh": problem.words("zh"),
                "en": problem.words("en"),
            }
            | ({"cell": problem.cell} if problem.cell else {})
            for problem in self.problems
        ]


class TooLargeError(ReferralRefusedError):
    """A body with more bytes than a referral may have. It was not read to the end."""

    code = "too-large"

    def __init__(self, limit: int) -> None:
        super().__init__([FieldProblem(WHOLE, "too-large", {"limit": limit})])
        self.facts = {"limit": limit}


def refused(field: str, reason: str, **facts: object) -> ReferralRefusedError:
    """The refusal for a single fault."""
    return ReferralRefusedError([FieldProblem(field, reason, facts)])


def shown(name: object) -> str:
    """A field's name as it came, as far as it is made like the names of forms."""
    return as_field(name, _characters_of_forms())


@cache
def _characters_of_forms() -> frozenset[str]:
    names = [name for source in Source for name in profile_of(source).known]
    return frozenset("".join([*names, *OTHER_HEADINGS]))
