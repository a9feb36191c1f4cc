"""A referral as an event may carry it: persons sealed one by one, the rest compared.

Every party has a key of its own and the narrative has another. Pure but for the
randomness of sealing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from uuid import UUID, uuid5

from services.intake.reading import NotADispute
from services.intake.referral import PartyTold, Referral
from shared.events.intake import Party
from shared.sealing import Key, Sealed, fingerprint, seal

_OF_A_PERSON = ("name", "contact", "identity", "claim")
Keys = Mapping[UUID, Key]


def party_key(dispute: UUID, number: int) -> UUID:
    """The id of the key of a party."""
    return uuid5(dispute, f"party-{number}")


def narrative_key(dispute: UUID) -> UUID:
    """The id of the key of the narrative."""
    return uuid5(dispute, "narrative")


def keys_needed(referral: Referral) -> list[UUID]:
    numbers = range(1, len(referral.parties) + 1)
    of_parties = [party_key(referral.dispute, number) for number in numbers]
    return [narrative_key(referral.dispute), *of_parties]


def sealed_parties(referral: Referral, keys: Keys) -> tuple[Party, ...]:
    return tuple(
        _sealed_party(referral.dispute, number, party, keys)
        for number, party in enumerate(referral.parties, start=1)
    )


def sealed_narrative(referral: Referral, keys: Keys) -> Sealed:
    dispute = referral.dispute
    return seal(
        keys[narrative_key(dispute)], referral.narrative, f"{dispute}/narrative"
    )


def content(referral: Referral, index_key: bytes) -> dict[str, str]:
    """A keyed digest of each field that was told; a party counts as one field."""
    data = referral.model_dump(mode="json", exclude_defaults=True)
    del data["sender"], data["reference"]
    fields = {f"parties.{n}": p for n, p in enumerate(data.pop("parties"), start=1)}
    told = {path: _canonical(value) for path, value in {**data, **fields}.items()}
    return fingerprint(index_key, told)


def content_returned(matter: NotADispute, index_key: bytes) -> dict[str, str]:
    return fingerprint(index_key, {"record": matter.record})


def identity(digests: Mapping[str, str]) -> str:
    """One name for one content, to be part of what makes a command the same."""
    return sha256(_canonical(digests).encode()).hexdigest()[:32]


def _sealed_party(dispute: UUID, number: int, party: PartyTold, keys: Keys) -> Party:
    key = keys[party_key(dispute, number)]
    told = {name: getattr(party, name) for name in _OF_A_PERSON}
    sealed = {
        name: seal(key, value, f"{dispute}/party-{number}/{name}")
        for name, value in told.items()
        if value is not None
    }
    open_fields = party.model_dump(exclude=set(_OF_A_PERSON))
    return Party(number=number, key=key.id, **open_fields, **sealed)


def _canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
