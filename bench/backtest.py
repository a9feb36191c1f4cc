"""How long a draft takes over a million past disputes on this machine.

The past is drawn by a fixed rule straight into columns, as if it had been caught up from
the histories: every kind, sender and place of the region; a fifth were asked again after
a decline. What "was decided" is what the rules decide, and the draft lacks the row
that leads most often.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from services.routing.backtest.columns import APART
from services.routing.backtest.draft import Draft
from services.routing.backtest.past import Past
from services.routing.backtest.report import backtest as tried
from services.routing.backtest.sql import literal
from services.routing.backtest.trial import Trial
from services.routing.dmn.model import Decision, DecisionTable
from services.routing.packs import Pack
from shared.events.vocabulary import Flag
from shared.region import Region

DISPUTES = 1_000_000

_DRAWN = """
CREATE TEMP MACRO chance(n, salt, most) AS (hash(n * 16 + salt) % most)::BIGINT;
INSERT INTO past BY NAME
WITH drawn AS (
    SELECT n AS position, n, {senders}[1 + chance(n, 0, {s})] AS who,
        {kinds}[1 + chance(n, 1, {k})] AS kind,
        {places}[1 + chance(n, 2, {p})] AS place,
        chance(n, 3, 5) = 0 AS again,
        2 + chance(n, 4, 4) * chance(n, 5, 5) AS persons,
        1 + chance(n, 6, 3) AS side,
        CASE WHEN chance(n, 7, 3) = 0
            THEN (chance(n, 8, 20000000) / 100)::DECIMAL(38,12) END AS amount,
        list_filter({flags}, lambda f: hash(n || f) % 50 = 0) AS flags,
        TIMESTAMP '2024-06-01' + to_minutes(chance(n, 9, 1000000)) AS asked_at
    FROM range(1, {disputes} + 1) t(n)
), stated AS (
    SELECT *, to_json({{source: who.source, sender: who.sender, kind: kind,
        place: place, persons: persons, side: side,
        amount: CASE WHEN amount IS NULL THEN NULL
            ELSE {{yuan: amount::DECIMAL(18,2)::VARCHAR}} END,
        flags: flags, asked: who.asked}})::VARCHAR AS facts FROM drawn
)
SELECT position, md5(n::VARCHAR)::UUID AS dispute, 1 AS request, asked_at,
    asked_at::DATE AS day, if(again, 'declined', 'registered') AS reason, facts,
    json_merge_patch(facts, '{less}') AS elsewhere, who.source AS source,
    who.sender AS sender, kind, who.asked AS asked, place, persons, side, amount, flags,
    who.sender AS holder, if(again, 'village', NULL) AS tier,
    if(again, 1, 0) AS declines, if(again, 'referral', NULL) AS not_taken,
    [] AS passed_over, [] AS tried, 'x' AS rules, 'x' AS directory
FROM stated
"""
_AS_DECIDED = """
UPDATE past SET severity = m.severity, "action" = m."action", body = m.body,
    handoff = m.handoff, may_decline = m.may_decline, limits = m.limits,
    co_handlers = m.co_handlers, routes = m.routes, fired = m.fired
FROM met m WHERE m.position = past.position
"""


_BUSIEST = """
SELECT one."row" FROM (SELECT unnest(fired) AS one FROM past)
WHERE one."table" = 'lead' AND one."row" <> 'L99' GROUP BY ALL ORDER BY count(*) DESC
"""


def backtest(disputes: int = DISPUTES, region: str = "sample") -> dict[str, Any]:
    """The seconds of a backtest from the past in columns to the written report."""
    there, pack = Region.load(region), Pack.load(region)
    past = Past()
    _draw(past, there, pack, disputes)
    Trial(past, Draft(pack, there)).run()
    past.database.execute(_AS_DECIDED)
    draft = Draft(_without(pack, past.one(_BUSIEST)), there)
    cpu, begun = time.process_time(), time.monotonic()
    report = tried(past, draft)
    size = len(report.attached)
    found = {"seconds": time.monotonic() - begun, "cpu": time.process_time() - cpu}
    past.close()
    totals = report.content["totals"]
    return {"disputes": disputes, "flips": totals["flips"], "bytes": size, **found}


def _draw(past: Past, region: Region, pack: Pack, disputes: int) -> None:
    senders = [
        f"{{source: '{source}', sender: {literal(sender.body)},"
        f" asked: '{pack.profiles[source].handoff}'}}"
        for sender in region.senders.values()
        for source in sender.sources
    ]
    places = [d.code for d in region.divisions if len(d.code) > 6]
    query = _DRAWN.format(
        senders=f"([{', '.join(senders)}])",
        s=len(senders),
        kinds=_listed(pack.kinds),
        k=len(pack.kinds),
        places=_listed(places),
        p=len(places),
        flags=_listed(map(str, Flag)),
        disputes=disputes,
        less="{" + ",".join(f'"{name}":null' for name in APART) + "}",
    )
    past.database.execute(query)


def _listed(values: Any) -> str:
    return f"([{', '.join(map(literal, values))}])"


def _without(pack: Pack, row: str) -> Pack:
    """The pack without a row of table `lead`."""

    def less(one: Decision) -> Decision:
        if one.name != "lead" or not isinstance(one.logic, DecisionTable):
            return one
        rules = tuple(rule for rule in one.logic.rules if rule.id != row)
        return replace(one, logic=replace(one.logic, rules=rules))

    decisions = tuple(map(less, pack.model.decisions))
    return pack.with_model(replace(pack.model, decisions=decisions))
