"""Pieces of a plain HTML page: words, links, tables, and what a JSON Schema says."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from services.schemas.words import both

Object = dict[str, Any]


def schema_of(name: str, schema: Object) -> str:
    head = f'<h3 id="type-{name}"><code>{name}</code></h3>\n'
    return head + paragraphs(schema.get("description", "")) + _fields(schema)


def _fields(schema: Object) -> str:
    if "properties" not in schema:
        return f"<p>{type_of(schema)}</p>\n"
    needed = schema.get("required", ())
    rows = [
        [
            f"<code>{escape(name)}</code>",
            type_of(field),
            word("yes") if name in needed else "",
            escape(field.get("description", "")),
        ]
        for name, field in schema["properties"].items()
    ]
    return table(["field", "type", "required", "about"], rows)


def type_of(schema: Object) -> str:
    """What a value may be, in a few words, with links to other types."""
    match schema:
        case {"$ref": str(ref)}:
            return link("type", ref.rpartition("/")[2])
        case {"anyOf": list(some)} | {"oneOf": list(some)}:
            return " | ".join(map(type_of, some))
        case {"allOf": [base, {"properties": own}]}:
            return f"{type_of(base)}: {_narrowed(own)}"
        case {"enum": list(values)}:
            return f"{word('values')}: {_codes(values)}"
        case {"const": value}:
            return _codes([value])
        case {"items": dict(items)}:
            return f"[{type_of(items)}]"
        case {"additionalProperties": dict(values)}:
            return f"{{string: {type_of(values)}}}"
        case {"pattern": str(pattern)}:
            return f"string <code>{escape(pattern)}</code>"
    kind, form = schema.get("type", "any"), schema.get("format")
    return escape(f"{kind} ({form})" if form else kind)


def _narrowed(own: Object) -> str:
    parts = [
        f"<code>{name}</code> = "
        + (_codes(field["properties"]) if "properties" in field else type_of(field))
        for name, field in own.items()
    ]
    return "; ".join(parts)


def _codes(values: Iterable[object]) -> str:
    return ", ".join(f"<code>{escape(str(value))}</code>" for value in values)


def links(kind: str, names: Iterable[str]) -> str:
    return ", ".join(link(kind, name) for name in names)


def link(kind: str, name: str) -> str:
    return f'<a href="#{kind}-{name}"><code>{name}</code></a>'


def table(heads: Iterable[str], rows: Iterable[list[str]]) -> str:
    top = "".join(f"<th>{word(head)}</th>" for head in heads)
    lines = ("".join(f"<td>{cell}</td>" for cell in row) for row in rows)
    body = "".join(f"<tr>{line}</tr>\n" for line in lines)
    return f"<table>\n<tr>{top}</tr>\n{body}</table>\n"


def paragraphs(words: str) -> str:
    return "".join(f"<p>{escape(part)}</p>\n" for part in words.split("\n\n") if part)


def word(code: str) -> str:
    return escape(both(f"page.{code}"))
