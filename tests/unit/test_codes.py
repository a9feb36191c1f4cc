"""The code of a dispute: computed from its id, and safe to read aloud."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.events.vocabulary import dispute_code, dispute_id, is_dispute_code

PLACES = ("330681109201", "652324", "110101")


def test_the_same_referral_always_has_the_same_code():
    dispute = dispute_id("police-fengqiao", "FQ-1")

    assert dispute_code(dispute, PLACES[0]) == dispute_code(dispute, "330681")


@given(st.uuids(), st.sampled_from(PLACES))
def test_every_code_that_is_given_out_is_well_formed(dispute, place):
    code = dispute_code(dispute, place)

    assert is_dispute_code(code)
    assert is_dispute_code(code.lower())
    assert len(code) == 23


@given(
    st.uuids(), st.integers(7, 20), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
)
def test_one_wrong_character_is_noticed(dispute, place, letter):
    code = dispute_code(dispute, "330681")
    if code[place] in ("-", letter):
        return
    wrong = code[:place] + letter + code[place + 1 :]

    assert not is_dispute_code(wrong) or abs(_value(wrong) - _value(code)) % 31 == 0


def _value(code: str) -> int:
    letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    number = 0
    for letter in code[7:21].replace("-", ""):
        number = number * 32 + letters.index(letter)
    return int(code[:6] + str(number))


@given(st.text())
def test_any_other_text_is_no_code_and_no_error(text):
    assert is_dispute_code(text) in (True, False)
