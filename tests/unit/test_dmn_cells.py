"""Cells and expressions of S-FEEL: what they match, what they give, what is refused."""

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.dmn.expressions import Meant
from services.routing.dmn.extents import everything, extent, only
from services.routing.dmn.faults import UnreadableError, Why
from services.routing.dmn.literals import literal
from services.routing.dmn.parsing import expression
from services.routing.dmn.scanning import Names, tokens
from services.routing.dmn.unary import unary_tests
from services.routing.dmn.values import Kind, Months, taken
from tests.unit.dmn.tables import POOLS, cells

BEIJING = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("kind", "cell", "inside", "outside"),
    [
        ("number", "-", [0, None], []),
        ("number", "", [0, None], []),
        ("number", "5", [5, Decimal("5.0")], [4, None]),
        ("number", "-5, .5", [-5, Decimal("0.5")], [5]),
        ("number", "= 5", [5], [6]),
        ("number", "!= 5", [6], [5, None]),
        ("number", "[1..5]", [1, 5], [0, 6, None]),
        ("number", "]1..5[", [2], [1, 5]),
        ("number", "(1..5)", [2], [1, 5]),
        ("number", "[1..5), > 10", [1, 11], [5, 10]),
        ("number", "not(<1, [5..6])", [1, 7], [0, 5, 6, None]),
        ("number", "not(null)", [0], [None]),
        ("number", "null, 1", [None, 1], [2]),
        ("string", '"枫桥镇", "a\\"b"', ["枫桥镇", 'a"b'], ["枫桥"]),
        ("string", '"\\u67ab\\n"', ["枫\n"], [""]),
        ("string", '>= "b"', ["b", "枫"], ["a", None]),
        ("boolean", "true", [True], [False, None]),
        ("boolean", "not(true)", [False], [True, None]),
        ("boolean", "true, false", [True, False], [None]),
        ("date", '> date("2026-02-28")', [date(2026, 3, 1)], [date(2026, 2, 28)]),
        ("date", '@"2026-02-28"', [date(2026, 2, 28)], [date(2026, 3, 1)]),
        ("time", '[time("08:00:00")..time("18:00:00")[', [time(8)], [time(18)]),
        ("time", 'time("08:00:00+08:00")', [time(8, tzinfo=BEIJING)], []),
        (
            "date and time",
            '>= date and time("2026-01-01T08:00:00+08:00")',
            [datetime(2026, 1, 1, tzinfo=UTC)],
            [datetime(2026, 1, 1, 7, 59, tzinfo=BEIJING)],
        ),
        (
            "date and time",
            'date  and time( "2026-01-01T08:00:00@Asia/Shanghai" )',
            [datetime(2026, 1, 1, tzinfo=UTC)],
            [],
        ),
        ("dayTimeDuration", '< duration("P1DT2H")', [timedelta(1)], [timedelta(2)]),
        ("yearMonthDuration", 'duration("P1Y2M")', [Months(14)], [Months(12)]),
        ("yearMonthDuration", '<= duration("-P1M")', [Months(-1)], [Months(0)]),
    ],
)
def test_a_cell_matches(kind, cell, inside, outside):
    kind = Kind.DATE_TIME if kind == "date and time" else Kind(kind)
    found = unary_tests(cell, kind).extent
    inside, outside = (
        [None if v is None else taken(v) for v in values]
        for values in (inside, outside)
    )
    assert all(value in found for value in inside)
    assert not any(value in found for value in outside)


@pytest.mark.parametrize(
    ("kind", "cell", "why"),
    [
        ("string", "枫桥镇", Why.UNQUOTED),
        ("string", "“枫桥镇”", Why.FULL_WIDTH),
        ("string", '"a"，"b"', Why.FULL_WIDTH),
        ("string", '"a" "b"', Why.UNEXPECTED),
        ("string", '"a",', Why.UNFINISHED),
        ("string", '"a', Why.CHARACTER),
        ("string", '"\\q"', Why.BAD_LITERAL),
        ("string", "5", Why.WRONG_TYPE),
        ("number", '"5"', Why.WRONG_TYPE),
        ("number", "> amount", Why.UNQUOTED),
        ("number", "count(x)", Why.FUNCTION),
        ("number", "if", Why.FUNCTION),
        ("number", "[5..1]", Why.EMPTY_RANGE),
        ("number", "]5..5[", Why.EMPTY_RANGE),
        ("number", "[1..5", Why.UNEXPECTED),
        ("number", "[1, 5]", Why.UNEXPECTED),
        ("number", ">", Why.UNFINISHED),
        ("number", "> null", Why.NO_ORDER_OF_KIND),
        ("number", "1 + 1", Why.UNEXPECTED),
        ("number", "not 5", Why.UNEXPECTED),
        ("number", "not(not(5))", Why.UNEXPECTED),
        ("number", "-, 5", Why.UNEXPECTED),
        ("number", "1" * 35, Why.BAD_LITERAL),
        ("number", "1," * 5001 + "1", Why.TOO_LONG),
        ("integer", "1.5", Why.WRONG_TYPE),
        ("integer", "]1..2[", Why.EMPTY_RANGE),
        ("boolean", "> false", Why.NO_ORDER_OF_KIND),
        ("boolean", "yes", Why.UNQUOTED),
        ("date", 'date("2026-02-30")', Why.BAD_LITERAL),
        ("date", '"2026-02-28"', Why.WRONG_TYPE),
        ("date", "date(2026)", Why.FUNCTION),
        ("time", 'time("25:00:00")', Why.BAD_LITERAL),
        ("time", 'time("08:00:00"), time("08:00:00Z")', Why.ZONES_DIFFER),
        ("time", '[time("22:00:00")..time("06:00:00")]', Why.EMPTY_RANGE),
        ("dayTimeDuration", 'duration("P1M")', Why.WRONG_TYPE),
        ("dayTimeDuration", 'duration("P")', Why.BAD_LITERAL),
        ("dayTimeDuration", '@"tomorrow"', Why.BAD_LITERAL),
        ("dateTime", '@"2026-01-01T00:00:00@America"', Why.BAD_LITERAL),
    ],
)
def test_a_cell_is_refused(kind, cell, why):
    with pytest.raises(UnreadableError) as refused:
        unary_tests(cell, Kind(kind))
    assert refused.value.why is why


KNOWN = {
    ("a", ""): Decimal(7),
    ("b", ""): None,
    ("c", ""): "枫桥镇",
    ("d", "出 2"): Decimal(3),
}
SCOPE = {
    "金额": Meant(("a", ""), Kind.NUMBER),
    "金额 上限": Meant(("b", ""), Kind.NUMBER),
    "所在-地": Meant(("c", ""), Kind.STRING),
    "移交.出 2": Meant(("d", "出 2"), Kind.INTEGER),
    "移交": Meant(("d", ""), None, Why.SEVERAL_OUTPUTS),
}


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("金额", 7),
        ("金额   上限", None),
        ("移交.出 2 + 1", 4),
        ("金额*2 - 4/8", Decimal("13.5")),
        ("-金额 ** 2", 49),
        ("2 ** 3 ** 2", 64),
        ("(1 + 金额) * -2", -16),
        ("金额 / 0", None),
        ("10 ** 999999999", None),
        ("金额 + 金额 上限", None),
        ("金额 >= 7", True),
        ("金额 上限 > 1", None),
        ("金额 上限 = null", True),
        ("金额 上限 != null", False),
        ("金额 != null", True),
        ('所在-地 = "枫桥镇"', True),
        ('"字"', "字"),
        ("null", None),
        ('time("08:00:00") < time("09:00:00Z")', None),
        ('date("2026-01-31") < date("2026-02-01")', True),
    ],
)
def test_an_expression_gives(text, result):
    assert expression(text, SCOPE).result(KNOWN) == result


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", Why.UNFINISHED),
        ("金额 +", Why.UNFINISHED),
        ("金额上限", Why.UNKNOWN_NAME),
        ("金额2", Why.UNKNOWN_NAME),
        ("金额, 1", Why.SEVERAL_VALUES),
        ("金额 金额", Why.UNEXPECTED),
        ("移交", Why.SEVERAL_OUTPUTS),
        ("所在-地 + 1", Why.ARITHMETIC),
        ('金额 = "7"', Why.WRONG_TYPE),
        ("true < false", Why.NO_ORDER_OF_KIND),
        ("金额 < null", Why.NO_ORDER_OF_KIND),
        ("sum(金额)", Why.FUNCTION),
        ("金额 > 1 and 金额 < 9", Why.FUNCTION),
        ("not(true)", Why.FUNCTION),
        ("(" * 50 + "1" + ")" * 50, Why.TOO_DEEP),
        ("-" * 1500 + "1", Why.TOO_DEEP),
        ("1 < 2 < 3", Why.UNEXPECTED),
    ],
)
def test_an_expression_is_refused(text, why):
    with pytest.raises(UnreadableError) as refused:
        expression(text, SCOPE)
    assert refused.value.why is why


ANY_VALUE = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=20),
    st.decimals(-(10**20), 10**20, places=6),
    st.booleans(),
    st.dates(),
    st.times(),
    st.datetimes(timezones=st.just(BEIJING)),
    st.timedeltas(timedelta(-(10**6)), timedelta(10**6)),
    st.integers(-1000, 1000).map(Months),
)


@given(value=ANY_VALUE)
def test_a_literal_is_read_as_it_was_written(value):
    (token, _) = tokens(literal(value).removeprefix("-"), Names())
    sign = -1 if isinstance(value, Decimal) and literal(value)[0] == "-" else 1
    assert (token.value * sign if sign < 0 else token.value) == value


@given(text=st.text('甲1a"[]().,<>=-+*/@不not date\\', max_size=30))
def test_any_text_is_read_or_refused_and_nothing_else(text):
    for kind in Kind:
        with suppress(UnreadableError):
            unary_tests(text, kind)
    with suppress(UnreadableError):
        expression(text, SCOPE).result(KNOWN)


@given(data=st.data(), kind=st.sampled_from([*Kind]))
def test_sets_are_counted_as_by_hand(data, kind):
    one, two = (unary_tests(data.draw(cells(kind)).text, kind).extent for _ in "ab")
    for value in (*POOLS[kind], None):
        inside = value in one, value in two
        assert (value in (one | two)) is any(inside)
        assert (value in (one & two)) is all(inside)
        assert (value in ~one) is not inside[0]
    assert ~~one == one and ~(one | two) == ~one & ~two
    assert one | ~one == everything(kind) and not one & ~one
    assert extent(kind, reversed(one.intervals), one.null) == one


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("integer", "> 1", ">= 2"),
        ("date", '> @"2026-02-28"', '>= @"2026-03-01"'),
        ("yearMonthDuration", '> @"P11M"', '>= @"P1Y"'),
        ("boolean", "not(false)", "true"),
        ("string", '>= ""', "not(null)"),
        ("number", "[1..2[, [2..3]", "[1..3]"),
    ],
)
def test_the_same_set_has_one_form(kind, one, other):
    found, same = (unary_tests(cell, Kind(kind)).extent for cell in (one, other))
    assert found == same


def test_one_value_of_two_makes_the_other():
    assert ~only(Kind.BOOLEAN, True).without_null() & everything(
        Kind.BOOLEAN
    ).without_null() == only(Kind.BOOLEAN, False)
