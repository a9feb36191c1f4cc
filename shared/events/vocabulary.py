"""The field's standard terms that more than one service speaks. Pure."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID, uuid5

_REGISTER = UUID("6b1f3c1e-0d53-5b0e-9a57-5f0f1d0c1d6a")
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without I, L, O, U: read aloud safely


def dispute_id(sender: str, reference: str) -> UUID:
    """The id a dispute has everywhere, from the sender and the sender's own number.

    The same dispute sent again, by any route, gets the same id and so opens no second
    case. Two senders may use the same number.
    """
    return uuid5(_REGISTER, f"{sender}\n{reference}")


def dispute_code(dispute: UUID, place: str) -> str:
    """One case, one code (一案一码): county of registration, 60 bits of the id, a check.

    For people: `330681-7KQ2-9XWM-4T0A-7`. The last character catches a wrong one.
    """
    number = dispute.int >> 68
    body = "".join(_ALPHABET[(number >> (55 - 5 * i)) & 31] for i in range(12))
    check = _ALPHABET[int(place[:6] + str(number)) % 31]
    return f"{place[:6]}-{body[:4]}-{body[4:8]}-{body[8:]}-{check}"


def is_dispute_code(code: str) -> bool:
    """Whether the check character fits, so that the code was probably given out."""
    place, *groups, check = (
        code.upper().split("-") if code.count("-") == 4 else ("", "")
    )
    body = "".join(groups)
    if not (
        place.isascii() and place.isdigit() and len(place) == 6 and len(body) == 12
    ):
        return False
    if any(letter not in _ALPHABET for letter in body):
        return False
    return check == _ALPHABET[int(place + str(_number(body))) % 31]


def disputes_of(code: str) -> tuple[UUID, UUID]:
    """The first and the last id that a dispute with this code can have.

    A code tells 60 bits of the id: enough to find a dispute where no codes are kept.
    """
    first = _number("".join(code.upper().split("-")[1:4])) << 68
    return UUID(int=first), UUID(int=first | (1 << 68) - 1)


def _number(body: str) -> int:
    """What the twelve letters of a code stand for."""
    number = 0
    for letter in body:
        number = number * 32 + _ALPHABET.index(letter)
    return number


class Source(StrEnum):
    """Where a dispute came from (案件来源)."""

    POLICE = "police"
    PETITION = "petition"
    COURT = "court"
    PROCURATORATE = "procuratorate"
    OTHER_DEPARTMENT = "other_department"
    HOTLINE = "hotline"
    SCREENING = "screening"
    OWN_APPLICATION = "own_application"


class Flag(StrEnum):
    """Facts of a dispute that gates of law look at. About disputes, never persons."""

    DOMESTIC_VIOLENCE = "domestic_violence"
    MINOR_INVOLVED = "minor_involved"
    ONGOING_VIOLENCE = "ongoing_violence"
    WEAPON = "weapon"
    SELF_HARM = "self_harm"
    CRIMINAL = "criminal"
    VIOLATION = "violation"
    ADMINISTRATIVE = "administrative"
    TITLE_MATTER = "title_matter"
    ACCUSATION = "accusation"
    PARTY_REFUSES = "party_refuses"
    OTHER_FORUM_ACCEPTED = "other_forum_accepted"
    REPEAT_PETITION = "repeat_petition"
    GROUP = "group"
    CROSS_AREA = "cross_area"
    SENSITIVE = "sensitive"


SAFETY = frozenset(
    {Flag.DOMESTIC_VIOLENCE, Flag.ONGOING_VIOLENCE, Flag.WEAPON, Flag.SELF_HARM}
)
"""Safety first: no automatic referral away from the body that protects (PML 25, DVL 15)."""


class HandoffKind(StrEnum):
    """How a dispute changes hands (移交方式). They are not synonyms."""

    REFERRAL = "referral"
    ENTRUSTED_MEDIATION = "entrusted_mediation"
    COURT_DELEGATED_MEDIATION = "court_delegated_mediation"
    COURT_ENTRUSTED_MEDIATION = "court_entrusted_mediation"
    FORWARD = "forward"
    ASSIGN_WITH_REPORT = "assign_with_report"
    PETITION_TO_MEDIATION = "petition_to_mediation"
    ESCALATE = "escalate"
    DISPATCH_DOWN = "dispatch_down"
    RETURN_HANDOFF = "return_handoff"
    DESIGNATE = "designate"


class Tier(StrEnum):
    """The level at which a body works (层级)."""

    GRID = "grid"
    VILLAGE = "village"
    TOWN = "town"
    COUNTY = "county"
    PREFECTURE = "prefecture"
    PROVINCE = "province"


class RouteReason(StrEnum):
    """Why a routing decision is asked for."""

    REGISTERED = "registered"
    CORRECTED = "corrected"
    DECLINED = "declined"
    LAPSED = "lapsed"
    RECALLED = "recalled"
    DISPATCHED = "dispatched"
    PASSED_UP = "passed_up"
    DEADLINE_PASSED = "deadline_passed"
    FAILED = "failed"
    PARTY_REFUSED = "party_refused"
    PARTY_CHOSE_LAW = "party_chose_law"
    REOPENED = "reopened"
    HOLDER_ASKED = "holder_asked"


GIVEN_UP = frozenset(
    {RouteReason.PASSED_UP, RouteReason.DEADLINE_PASSED, RouteReason.FAILED}
)
"""For these the holder has tried and could not settle it: it is not asked again."""

ANEW = frozenset({RouteReason.REGISTERED, RouteReason.CORRECTED, RouteReason.REOPENED})
"""With these a dispute begins, or begins anew: nobody has tried it yet, and the answer
may be the body that holds it already."""


class DeclineReason(StrEnum):
    """Why a body does not take what it was offered (退回理由)."""

    OUT_OF_SCOPE = "out_of_scope"
    OUT_OF_AREA = "out_of_area"
    CONFLICT_OF_INTEREST = "conflict_of_interest"
    PARTY_REFUSES = "party_refuses"
    UNSUITABLE = "unsuitable"
    LACKS_CAPACITY = "lacks_capacity"


class Result(StrEnum):
    """How mediation or handling came out (处理结果)."""

    AGREED_WRITTEN = "agreed_written"
    AGREED_ORAL = "agreed_oral"
    AGREED_PART = "agreed_part"
    SETTLED_BY_PARTIES = "settled_by_parties"
    NOT_ACCEPTED = "not_accepted"
    TERMINATED = "terminated"
    TAKEN_TO_LAW = "taken_to_law"


class EndReason(StrEnum):
    """Why mediation ended without agreement (终止原因)."""

    REFUSED_BY_PARTY = "refused_by_party"
    NO_AGREEMENT = "no_agreement"
    DEADLINE_NO_EXTENSION = "deadline_no_extension"
    UNREACHABLE = "unreachable"
    REFUSED_TO_SIGN = "refused_to_sign"
    ABSENT_WITHOUT_CAUSE = "absent_without_cause"
    SUIT_FILED = "suit_filed"
    OTHER_FORUM_ACCEPTED = "other_forum_accepted"
    FALSE_MEDIATION = "false_mediation"
    CRIME_OR_VIOLATION = "crime_or_violation"
    UNSUITABLE = "unsuitable"
    NO_REPLACEMENT = "no_replacement"
    OTHER = "other"
