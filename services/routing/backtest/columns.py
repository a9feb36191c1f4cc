"""The columns in which past decisions are kept, and how stored events become rows."""

from __future__ import annotations

from shared.events.vocabulary import Flag

FORMAT = 2
"""Another number has the file made anew from the histories."""

TABLES = """
CREATE TABLE format (number INTEGER);
CREATE TABLE caught (speaker VARCHAR PRIMARY KEY, store UUID, position BIGINT);
CREATE TABLE past (
    position BIGINT, dispute UUID, request INTEGER, asked_at TIMESTAMP, day DATE,
    reason VARCHAR, facts VARCHAR, elsewhere VARCHAR, source VARCHAR, sender VARCHAR,
    kind VARCHAR, asked VARCHAR, place VARCHAR, persons BIGINT, side BIGINT,
    amount DECIMAL(38,12), flags VARCHAR[],
    holder VARCHAR, tier VARCHAR, declines BIGINT, not_taken VARCHAR,
    passed_over VARCHAR[], tried VARCHAR[], severity VARCHAR,
    "action" VARCHAR, body VARCHAR, handoff VARCHAR, may_decline BOOLEAN,
    limits STRUCT("name" VARCHAR, amount INTEGER, unit VARCHAR)[],
    co_handlers VARCHAR[], routes VARCHAR[],
    fired STRUCT("table" VARCHAR, "row" VARCHAR)[],
    rules VARCHAR, directory VARCHAR
);
CREATE TABLE by_hand (
    position BIGINT, dispute UUID, request INTEGER, "table" VARCHAR, "row" VARCHAR,
    upheld BOOLEAN
);
"""
"""`elsewhere` are the facts that the search for a body sees as they are; `limits` are the
answer, if any, and the clocks; `holder` is null where the question was not recorded."""

_CLOCK = "STRUCT(name VARCHAR, period STRUCT(amount INTEGER, unit VARCHAR))"
_ROW = 'STRUCT("table" VARCHAR, "row" VARCHAR)'
_ROUTED = f"""STRUCT(occurred_at VARCHAR, data STRUCT(
    request INTEGER, reason VARCHAR, "action" VARCHAR, severity VARCHAR, lead VARCHAR,
    designator VARCHAR, co_handlers VARCHAR[], kind VARCHAR, may_decline BOOLEAN,
    answer {_CLOCK}, clocks {_CLOCK}[], routes VARCHAR[], "rows" {_ROW}[], facts JSON,
    versions STRUCT("table" VARCHAR, directory VARCHAR),
    asked STRUCT(holder VARCHAR, tier VARCHAR, declines BIGINT, not_taken VARCHAR,
                 passed_over VARCHAR[], tried VARCHAR[])))"""
_BY_HAND = f"""STRUCT(data STRUCT(request INTEGER, "row" {_ROW}, upheld BOOLEAN))"""

RULES_ONLY = ("persons", "side", "amount", "flags", "asked")
"""Facts that only rules look at, and the search for a body does not."""
APART = (*RULES_ONLY, "kind", "source", "sender")
"""Of these the search looks at less than there is to see; see `likeness`."""

ROUTED, BY_HAND = "dispute.routed", "decision.by_hand"

_LIMIT = "{{'name': {0}.name, 'amount': {0}.period.amount, 'unit': {0}.period.unit}}"
_LIMITS = (
    f"list_concat(CASE WHEN d.answer IS NULL THEN [] ELSE [{_LIMIT.format('d.answer')}]"
    f" END, list_transform(coalesce(d.clocks, []), lambda c: {_LIMIT.format('c')}))"
)
_LESS = "{" + ", ".join(f'"{name}":null' for name in APART) + "}"

INSERT = {
    ROUTED: f"""
INSERT INTO past SELECT position, dispute, d.request, asked_at, (asked_at + INTERVAL 8 HOUR)::DATE,
    d.reason, facts, json_merge_patch(facts, '{_LESS}'), facts->>'source',
    facts->>'sender', facts->>'kind', facts->>'asked', facts->>'place',
    (facts->>'persons')::BIGINT, (facts->>'side')::BIGINT,
    (facts->>'$.amount.yuan')::DECIMAL(38,12),
    coalesce((facts->'flags')::VARCHAR[], []),
    a.holder, a.tier, a.declines, a.not_taken, coalesce(a.passed_over, []),
    coalesce(a.tried, []), d.severity,
    d."action", CASE d."action" WHEN 'offer' THEN d.lead
                     WHEN 'designate' THEN d.designator END,
    d.kind, d.may_decline, {_LIMITS}, coalesce(d.co_handlers, []),
    coalesce(d.routes, []), d."rows", d.versions."table", d.versions.directory
FROM (SELECT position, dispute, body.data AS d, body.data.facts AS facts,
    body.data.asked AS a, (body.occurred_at::TIMESTAMPTZ AT TIME ZONE 'UTC')
        AS asked_at
    FROM read_json(?, format = 'newline_delimited', maximum_object_size = 67108864,
        columns = {{position: 'BIGINT', dispute: 'UUID', body: '{_ROUTED}'}}))
""",
    BY_HAND: f"""
INSERT INTO by_hand SELECT position, dispute, d.request, d."row"."table", d."row"."row",
    coalesce(d.upheld, false)
FROM (SELECT position, dispute, body.data AS d
    FROM read_json(?, format = 'newline_delimited', maximum_object_size = 67108864,
        columns = {{position: 'BIGINT', dispute: 'UUID', body: '{_BY_HAND}'}}))
""",
}
"""How a page of stored events, written as lines, is added."""

INPUTS = {
    "reason": "reason",
    "source": "source",
    "kind": "kind",
    "asked": "asked",
    "county": "left(place, 6)",
    "township": "CASE WHEN length(place) >= 9 THEN left(place, 9) END",
    "persons": "persons",
    "side": "side",
    "amount": "amount",
    "tier": "tier",
    "declines": "declines",
    "not_taken": "not_taken",
    "with_sender": "(holder = sender)",
    **{str(flag): f"list_contains(flags, '{flag}')" for flag in Flag},
}
"""What a rule pack is asked with, from these columns; the same as `inputs_of`."""
