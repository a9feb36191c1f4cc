"""What senders send: a few disputes, told again, told otherwise, and rubbish."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from shared.events.vocabulary import dispute_id
from tests.simulation.choices import Choices

SENDERS = {
    "police-fengqiao": ("police", "330681109201"),
    "court-zhuji": ("court", "330681109202"),
    "petition-zhuji": ("petition", "330681"),
    "procuratorate-manas": ("other", "652324100"),
}
KINDS = ("neighbour", "contract", "wage_arrears", "consumer_other")
FLAGS = ((), (), (), (), ("weapon",), ("criminal",), ("domestic_violence",))
WILLING = (None, True, True, None, False)
RUBBISH = b'{"sender": "police-fengqiao"'


class Sending:
    """A referral as one of the senders words it."""

    def __init__(self, choices: Choices, disputes: int) -> None:
        self.sender = choices.one_of(list(SENDERS))
        self.reference = f"S-{choices.below(disputes) + 1}"
        self.data: dict[str, Any] = {
            "sender": self.sender,
            "reference": self.reference,
            "kind": choices.one_of(KINDS),
            "place": SENDERS[self.sender][1],
            "narrative": "两户为清沟争吵。",
            "parties": [
                {"side": "applicant", "name": "陈样安", "contact": "199-0000-0101"},
                {
                    "side": "respondent",
                    "name": "吴样平",
                    "willing": choices.one_of(WILLING),
                },
            ],
            "flags": choices.one_of(FLAGS),
        }

    @property
    def dispute(self) -> UUID:
        return dispute_id(self.sender, self.reference)

    @property
    def topic(self) -> str:
        return f"referrals.{SENDERS[self.sender][0]}"

    @property
    def body(self) -> bytes:
        return json.dumps(self.data).encode()

    def correction(self, number: int) -> bytes:
        told = {"command_id": f"k{number}", "person": "clerk-1", "referral": self.data}
        return json.dumps(told).encode()

    def __str__(self) -> str:
        return f"{self.sender} {self.reference} ({self.data['kind']})"
