"""Sealed values open with their own key at their own place, and nowhere else."""

from __future__ import annotations

import base64
import itertools
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.sealing import (
    IDENTITY_NUMBER,
    Key,
    Sealed,
    SealError,
    UnsealError,
    blind_index,
    differing_fields,
    fingerprint,
    seal,
    seal_bytes,
    unseal,
    unseal_bytes,
)

DISPUTE = "7d1f4a52-0000-5000-8000-000000000001"
NAME, CONTACT = f"{DISPUTE}/party-1/name", f"{DISPUTE}/party-1/contact"
ALICE = Key(UUID(int=1), bytes(range(32)))
BOB = Key(UUID(int=2), bytes(range(32, 64)))
INDEX = bytes(range(64, 96))
BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="


def changed(sealed, **fields):
    return Sealed.model_validate(sealed.model_dump() | fields)


@given(plain=st.text(), place=st.text())
@example(plain="𠮷田𪚥，住枫桥镇", place=NAME)
@example(plain="", place="")
def test_text_sealed_at_a_place_opens_there_unchanged(plain, place):
    sealed = seal(ALICE, plain, place)

    again = Sealed.model_validate_json(sealed.model_dump_json())

    assert unseal(ALICE, again, place) == plain


@given(body=st.binary())
def test_a_raw_body_opens_byte_for_byte(body):
    sealed = seal_bytes(ALICE, body, "referrals.police/0/17")

    assert unseal_bytes(ALICE, sealed, "referrals.police/0/17") == body


def test_a_sealed_name_does_not_open_as_another_field():
    with pytest.raises(UnsealError, match="sealed for another place"):
        unseal(ALICE, seal(ALICE, "赵小满", NAME), CONTACT)


def test_a_sealed_name_does_not_open_in_another_dispute():
    with pytest.raises(UnsealError):
        unseal(ALICE, seal(ALICE, "赵小满", NAME), NAME.replace("1/", "2/", 1))


def test_a_sealed_name_does_not_open_with_the_key_of_another_party():
    with pytest.raises(UnsealError, match=f"it was sealed with key {ALICE.id}"):
        unseal(BOB, seal(ALICE, "赵小满", NAME), NAME)


def test_a_sealed_name_relabelled_as_another_partys_does_not_open():
    stolen = changed(seal(ALICE, "赵小满", NAME), key=BOB.id)

    with pytest.raises(UnsealError):
        unseal(BOB, stolen, NAME)
    with pytest.raises(UnsealError):
        unseal(Key(BOB.id, ALICE.secret), stolen, NAME)


def test_two_sealed_values_with_ciphertexts_exchanged_do_not_open():
    one, two = seal(ALICE, "甲", NAME), seal(ALICE, "乙", NAME)

    with pytest.raises(UnsealError):
        unseal(ALICE, changed(one, text=two.text), NAME)


def test_a_body_does_not_open_as_text_nor_text_as_a_body():
    with pytest.raises(UnsealError):
        unseal(ALICE, seal_bytes(ALICE, b"name", NAME), NAME)
    with pytest.raises(UnsealError):
        unseal_bytes(ALICE, seal(ALICE, "name", NAME), NAME)


@pytest.mark.parametrize("part", ["nonce", "text"])
def test_every_single_character_of_a_sealed_value_counts(part):
    sealed = seal(ALICE, "赵小满", NAME)
    written = getattr(sealed, part)

    for at, other in itertools.product(range(len(written)), BASE64):
        forged = written[:at] + other + written[at + 1 :]
        if forged == written:
            continue
        with pytest.raises(UnsealError):
            unseal(ALICE, changed(sealed, **{part: forged}), NAME)


@pytest.mark.parametrize("part", ["nonce", "text"])
def test_a_truncated_or_lengthened_value_does_not_open(part):
    sealed = seal(ALICE, "赵小满", NAME)
    raw = base64.b64decode(getattr(sealed, part))

    for forged in [*(raw[:end] for end in range(len(raw))), raw + b"\0"]:
        text = base64.b64encode(forged).decode()
        with pytest.raises(UnsealError):
            unseal(ALICE, changed(sealed, **{part: text}), NAME)


@pytest.mark.parametrize("algorithm", ["AES-128-GCM", "none", ""])
def test_an_unknown_algorithm_does_not_open(algorithm):
    sealed = changed(seal(ALICE, "赵小满", NAME), algorithm=algorithm)

    with pytest.raises(UnsealError, match="its algorithm is not known here"):
        unseal(ALICE, sealed, NAME)


def test_no_nonce_is_ever_used_twice_under_one_key():
    nonces = {seal(ALICE, "同一句话", NAME).nonce for _ in range(20_000)}

    assert len(nonces) == 20_000


def test_a_failed_unseal_names_place_and_key_and_carries_no_content():
    sealed = changed(seal(ALICE, "赵小满", NAME), nonce="赵小满")

    with pytest.raises(UnsealError) as refused:
        unseal(ALICE, sealed, NAME)

    assert refused.value.facts["place"] == NAME
    assert refused.value.facts["key"] == ALICE.id
    assert "赵小满" not in str(refused.value) + repr(refused.value.__cause__)


@pytest.mark.parametrize(
    "use", [seal, lambda key, text, _: fingerprint(INDEX, {"": text})]
)
def test_half_a_surrogate_pair_is_refused_without_quoting_the_text(use):
    with pytest.raises(SealError, match="not valid Unicode") as refused:
        use(ALICE, "赵小满\ud842", NAME)

    assert "赵" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_a_printed_key_does_not_show_its_secret():
    key = Key(UUID(int=1), b"secret-of-thirty-two-bytes-long!")

    assert "secret-of" not in f"{key} {key!r}"


def test_a_key_of_another_length_is_refused():
    with pytest.raises(ValueError, match="must have 32 bytes"):
        Key(UUID(int=1), bytes(16))


SPELLINGS = [
    (IDENTITY_NUMBER, "33068119900101123X", "33068119900101123x"),
    (IDENTITY_NUMBER, "33068119900101123X", "３３０６８１１９９００１０１１２３Ｘ"),
    (IDENTITY_NUMBER, "33068119900101123X", " 330681 19900101 123x\u200b\n"),
    (IDENTITY_NUMBER, "A1234567", "Ａ123456（7）"),
    ("phone", "13800000000", "　１３８００００００００ "),
    ("name", "𠮷田", " 𠮷田"),
]


@pytest.mark.parametrize(("kind", "usual", "spelling"), SPELLINGS)
def test_a_value_is_found_however_it_was_typed(kind, usual, spelling):
    assert blind_index(INDEX, kind, spelling) == blind_index(INDEX, kind, usual)


def test_the_blind_index_depends_on_key_kind_and_value():
    seen = {
        blind_index(INDEX, "phone", "13800000000"),
        blind_index(INDEX, "phone", "13800000001"),
        blind_index(INDEX, IDENTITY_NUMBER, "13800000000"),
        blind_index(ALICE.index_key, "phone", "13800000000"),
        blind_index(BOB.index_key, "phone", "13800000000"),
        blind_index(INDEX, "phone1", "3800000000"),
        fingerprint(INDEX, {"phone": "13800000000"})["phone"],
    }

    assert len(seen) == 7
    assert all(len(digest) == 64 for digest in seen)


@pytest.mark.parametrize("blank", ["", "  ", "　", "- -"])
def test_persons_who_left_the_number_blank_are_not_one_person(blank):
    with pytest.raises(SealError, match="leave the field out"):
        blind_index(INDEX, IDENTITY_NUMBER, blank)


@pytest.mark.parametrize("short", [b"", bytes(16)])
def test_a_digest_under_no_real_key_is_refused(short):
    with pytest.raises(ValueError, match="must have 32 bytes"):
        fingerprint(short, {"narrative": "拖欠工资"})


FIRST = {"party-1/name": "赵小满", "narrative": "拖欠工资", "place": "330681109"}


def test_the_same_content_has_the_same_fingerprint_in_any_order():
    turned = dict(reversed(FIRST.items()))

    assert fingerprint(INDEX, turned) == fingerprint(INDEX, FIRST)
    assert differing_fields(fingerprint(INDEX, FIRST), fingerprint(INDEX, turned)) == []


def test_fingerprints_name_the_fields_that_were_changed_added_or_dropped():
    second = FIRST | {"narrative": "拖欠工资三个月", "party-2/name": "钱多多"}
    del second["place"]

    found = differing_fields(fingerprint(INDEX, FIRST), fingerprint(INDEX, second))

    assert found == ["narrative", "party-2/name", "place"]


def test_equal_contents_of_two_fields_cannot_be_seen_in_a_fingerprint():
    digests = fingerprint(INDEX, {"party-1/name": "赵小满", "party-2/name": "赵小满"})

    assert digests["party-1/name"] != digests["party-2/name"]
    assert "赵小满" not in str(digests)
