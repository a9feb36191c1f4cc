"""The layout of a decision table on a sheet, as the standard draws horizontal tables.

    A1 name of the decision | what each column is: input, output, annotation, …
    A2 hit policy           | input expressions, names of outputs and annotations
    Type, Allowed, …        | what is said of the columns, a row each, where it is said
    1, 2, 3 …               | the rules in their order

A sheet of its own keeps what such a table does not show: ids, inputs, requirements.
Without it the sheets stand for themselves. Words here are as they stand in the cells.
"""

from __future__ import annotations

from enum import StrEnum

DEFAULT_SPACE = "urn:fengqiao:decisions"


class Part(StrEnum):
    """What a column of a table is."""

    INPUT = "输入 Input"
    OUTPUT = "输出 Output"
    ANNOTATION = "注释 Annotation"
    DESCRIPTION = "说明 Description"
    ID = "标识 Id"


class Head(StrEnum):
    """What a row above the rules says of the columns."""

    TYPE = "类型 Type"
    ALLOWED = "允许值 Allowed"
    DEFAULT = "缺省 Default"
    LABEL = "名称 Label"
    ID = "标识 Id"


class Item(StrEnum):
    """What a row of the model's own sheet describes."""

    MODEL = "模型 Model"
    TYPE = "类型 Type"
    INPUT = "输入 Input"
    DECISION = "决策 Decision"


class Field(StrEnum):
    """The columns of the model's own sheet."""

    ITEM = "项目 Item"
    ID = "标识 Id"
    NAME = "名称 Name"
    TYPE = "类型 Type"
    ALLOWED = "允许值 Allowed"
    VARIABLE = "变量 Variable"
    REQUIRES = "依据 Requires"
    SHEET = "工作表 Sheet"
    LOGIC_ID = "逻辑标识 LogicId"
    LOGIC_TYPE = "逻辑类型 LogicType"
    OUTPUT_LABEL = "输出名称 OutputLabel"
    QUESTION = "问题 Question"
    ANSWERS = "可答 Answers"
    DESCRIPTION = "说明 Description"
    TEXT = "内容 Text"


def word(text: str, words: type[StrEnum]) -> StrEnum | None:
    """The word that a cell means: both languages, or either."""
    wanted = " ".join(text.split()).lower()
    for one in words:
        if wanted in (one.lower(), *one.lower().split()):
            return one
    return None
