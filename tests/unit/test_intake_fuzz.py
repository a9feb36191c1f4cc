"""Whatever comes in, intake answers with a referral or a refusal, and nothing else."""

from __future__ import annotations

import json
from contextlib import suppress
from zipfile import ZipFile

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.intake.corrections import read_correction
from services.intake.file_refusals import FileRefusedError
from services.intake.file_rows import rows_of
from services.intake.profiles import profile_of
from services.intake.reading import read_referral
from services.intake.refusals import ReferralRefusedError
from shared.events.vocabulary import Source
from tests.petition_ledger import SAMPLE
from tests.unit.intake_given import GROUND, INCIDENT, POLICE, REFERRAL

OURS = [*REFERRAL, "amount", "flags", "asked", "source"]
THEIRS = list(INCIDENT)
PATIENT = settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def read(raw, sender=None):
    """Raises whatever is neither a referral nor a refusal, also from telling of it."""
    try:
        return read_referral(raw, GROUND, sender=sender)
    except ReferralRefusedError as error:
        return json.dumps(error.errors).encode()


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(raw):
    assert read(raw)
    assert read(raw, POLICE)


@given(st.dictionaries(st.sampled_from(OURS), ANYTHING))
@settings(PATIENT, max_examples=200)
def test_any_values_in_our_fields_are_read_or_refused(changes):
    assert read(json.dumps({**REFERRAL, **changes}).encode())


@given(st.dictionaries(st.sampled_from(THEIRS) | st.text(), ANYTHING))
@settings(PATIENT, max_examples=200)
def test_any_values_in_their_fields_are_read_or_refused(changes):
    assert read(json.dumps({**INCIDENT, **changes}).encode(), POLICE)


@PATIENT
@given(st.dictionaries(st.sampled_from(["command_id", "person", "referral"]), ANYTHING))
def test_any_correction_is_read_or_refused(data):
    with suppress(ReferralRefusedError):
        read_correction(json.dumps(data).encode(), GROUND)


@given(st.binary(max_size=300))
@PATIENT
def test_any_file_is_read_or_refused(tmp_path_factory, raw):
    folder = tmp_path_factory.mktemp("any")
    for name in ("x.csv", "x.jsonl", "x.xlsx"):
        (folder / name).write_bytes(raw)
        read_all(folder / name)


@given(st.data())
@PATIENT
def test_a_damaged_workbook_is_read_or_refused(tmp_path_factory, data):
    raw = bytearray(SAMPLE.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("damaged") / "x.xlsx"
    path.write_bytes(raw)
    read_all(path)


@given(st.data())
@PATIENT
def test_a_workbook_with_damaged_xml_is_read_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("damaged") / "x.xlsx"
    with ZipFile(SAMPLE) as sound, ZipFile(path, "w") as damaged:
        chosen = data.draw(st.sampled_from(sound.namelist()))
        for part in sound.namelist():
            body = bytearray(sound.read(part))
            if part == chosen:
                cut = data.draw(st.integers(0, len(body)))
                put = data.draw(st.binary(max_size=12) | st.just(b"99999999999"))
                body[cut : cut + data.draw(st.integers(0, 12))] = put
            damaged.writestr(part, bytes(body))
    read_all(path)


def read_all(path):
    with suppress(FileRefusedError):
        for row in rows_of(path, [profile_of(Source.PETITION)]):
            assert read(row.body, "petition-zhuji")
