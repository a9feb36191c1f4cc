"""Pours marked personal data into a product by every way in, right and wrong.

Works on any world. What comes back over HTTP is collected; nothing is judged here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
from openpyxl import Workbook

from tests.delivery.canaries import CANARIES
from tests.stories.world import World

POLICE, VILLAGE = "police-fengqiao", "pmc-village-fengxi"
NAME, OTHER, TOKEN = (CANARIES[k] for k in ("applicant", "respondent", "token"))
SOURCE = {"ce_source": f"/{POLICE}", "content-type": "application/json"}

PARTIES = [
    {
        "side": "applicant",
        "name": NAME,
        "contact": CANARIES["telephone"],
        "identity": CANARIES["identity"],
        "claim": CANARIES["claim"],
    },
    {"side": "respondent", "name": OTHER, "contact": f"{TOKEN}@example.invalid"},
]
REFERRAL: dict[str, Any] = {
    "sender": POLICE,
    "reference": "T46-1",
    "kind": "neighbour",
    "place": "330681109201",
    "narrative": f"{NAME}报称：{CANARIES['narrative']}，电话{CANARIES['digits']}。",
    "parties": PARTIES,
}
INCIDENT = {
    "接警编号": "T46-X1",
    "警情类别": "邻里纠纷",
    "发案时间": "2026-03-01 10:30",
    "发案地点代码": "330681109201",
    "简要案情": REFERRAL["narrative"],
    "报警人": NAME,
    "报警人电话": CANARIES["telephone"],
    "报警人证件号": CANARIES["identity"],
    "对方": OTHER,
    "涉及金额": "100",
}
MISPLACED = {
    "kind": NAME,
    "place": CANARIES["identity"],
    "occurred_at": CANARIES["telephone"],
    "amount": CANARIES["telephone"],
    "source": OTHER,
    "asked": NAME,
    "flags": [NAME],
    "prior_failed": [OTHER],
    "parties": NAME,
}
"""Each is a slip that somebody may make: the right thing in the wrong field."""

BROKEN = [
    json.dumps(REFERRAL, ensure_ascii=False).encode()[:-3],
    json.dumps(REFERRAL, ensure_ascii=False).encode("gb18030"),
    json.dumps([NAME, OTHER]).encode(),
    json.dumps(NAME).encode(),
    f'{{"{NAME}": "{TOKEN}", "{NAME}": 1}}'.encode(),
    f'{{"sender": "{POLICE}", "{OTHER}": {{"{NAME}": [1, NaN]}}}}'.encode(),
    f'{{"narrative": "{NAME}\x00\x1b[2J\\u2028"}}'.encode(),
]
OF_NOBODY = [{"by": NAME}, {"by": VILLAGE, "to": NAME}, {"by": CANARIES["identity"]}]


class Pouring:
    """Pours into a world; `answers` is what came back, and what was asked."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.answers: list[tuple[str, str]] = []
        self._commands = 0

    def ask(self, method: str, service: str, path: str, **told: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {TOKEN}", **told.pop("headers", {})}
        with httpx.Client(base_url=self.world.url(service), timeout=30) as client:
            answer = client.request(method, path, headers=headers, **told)
        self.answers.append((f"{method} {path}", f"{answer.headers} {answer.text}"))
        return answer

    def command(self, code: str, **told: Any) -> httpx.Response:
        self._commands += 1
        said = {"command_id": f"T46-{self._commands}", "by": VILLAGE, **told}
        return self.ask("POST", "escalation", f"/disputes/{code}/commands", json=said)

    def refers(self) -> str:
        """A good referral, twice, changed, and put right; its code."""
        code = str(
            self.ask("POST", "intake", "/referrals", json=REFERRAL).json()["code"]
        )
        self.ask("POST", "intake", "/referrals", json=REFERRAL)
        other = {**REFERRAL, "narrative": f"{OTHER}另有一说", "amount": 5}
        assert self.ask("POST", "intake", "/referrals", json=other).status_code == 409
        changed = {"command_id": "T46-c", "person": "clerk-7", "referral": other}
        self.corrects(changed)
        self.corrects({**changed, "command_id": NAME * 30, "person": [TOKEN]})
        self.corrects({**changed, "referral": {**other, "reference": "T46-none"}})
        return code

    def corrects(self, told: dict[str, Any]) -> None:
        self.ask("POST", "intake", "/referrals/corrections", json=told)

    def misplaces(self) -> None:
        """Refused referrals, by their content, shape and form."""
        for field, value in MISPLACED.items():
            wrong = {**REFERRAL, "reference": f"T46-{field}", field: value}
            answer = self.ask("POST", "intake", "/referrals", json=wrong)
            assert answer.status_code == 422, (field, answer.text)
        self.ask("POST", "intake", "/referrals", json={**REFERRAL, "sender": NAME})
        self.ask("POST", "intake", "/referrals", json={**REFERRAL, NAME: OTHER})
        self.ask("POST", "intake", "/referrals", content=NAME.encode())
        for body in BROKEN:
            for path in ("/referrals", "/referrals/corrections"):
                headers = {"content-type": "application/json"}
                self.ask("POST", "intake", path, content=body, headers=headers)

    def looks_for(self, code: str) -> None:
        """Addresses and questions with persons in them."""
        self.ask("GET", "intake", f"/referrals/{NAME}")
        self.ask(
            "GET", "intake", "/referrals", params={"sender": NAME, "reference": OTHER}
        )
        self.ask(
            "GET", "intake", "/referrals", params={"sender": POLICE, "reference": TOKEN}
        )
        for path in (f"/disputes/{NAME}", f"/disputes/{CANARIES['identity']}/story"):
            self.ask("GET", "audit", path)
        for field in ("holder", "offered_to", "place", "stage", "after", "limit", NAME):
            self.ask("GET", "audit", "/disputes", params={field: NAME + TOKEN})
        self.ask("GET", "audit", f"/disputes/{code}/state", params={"at": NAME})
        self.ask("GET", "audit", f"/{NAME}", params={"token": TOKEN})
        self.ask(TOKEN, "audit", f"/disputes/{code}")
        for path in (f"/disputes/{code}", f"/disputes/{code}/story", "/disputes"):
            assert self.ask("GET", "audit", path).status_code == 200

    def commands(self, code: str) -> None:
        """Commands of nobody, to nobody, of no kind, and good ones."""
        for told in OF_NOBODY:
            self.command(code, command="designate", person="clerk-7", **told)
        self.command(code, command=NAME)
        self.command(NAME, command="accept")
        self.command(code, command="decline", reason=OTHER)
        self.command(code, command="accept", mediators=CANARIES["digits"])
        self.command(code, command="accept", **{OTHER: TOKEN})
        headers = {"content-type": "application/json"}
        for body in BROKEN:
            path = f"/disputes/{code}/commands"
            self.ask("POST", "escalation", path, content=body, headers=headers)
        accepted = self.command(code, command="accept", person="mediator-1")
        assert accepted.status_code == 200, accepted.text

    def says_on_topics(self, code: str) -> None:
        """Good and bad messages of bodies, with a token among their headers."""
        good = {**REFERRAL, "reference": "T46-T1"}
        secret = {**SOURCE, "authorization": f"Bearer {TOKEN}", "x-person": NAME}
        self._say("referrals.police", {**SOURCE, "ce_id": "t1"}, good)
        self._say("referrals.police", {**secret, "ce_id": "t2"}, {**good, "kind": NAME})
        self._say("referrals.police", {**secret, "ce_id": "t3"}, {**good, OTHER: NAME})
        answer = {
            "command_id": "T46-a",
            "command": "reopen",
            "by": POLICE,
            "person": "p",
        }
        wrong = {"code": code, "command": {**answer, "reason": NAME}}
        self._say("answers.police", {**secret, "ce_id": "a1"}, wrong)
        self._say("answers.police", {**secret, "ce_id": "a2"}, {**wrong, "code": NAME})
        nobody = {"code": code, "command": {**answer, "reason": "crime", "by": NAME}}
        self._say("answers.police", {**secret, "ce_id": "a3"}, nobody)
        forged = {**secret, "ce_id": "f1", "ce_position": "1", "ce_type": "x.v1"}
        self._say("answers.police", forged, REFERRAL)
        self._say("referrals.police", forged, MISPLACED)
        for number, body in enumerate(BROKEN):
            for topic in ("referrals.police", "answers.police"):
                self.world.say(topic, {**secret, "ce_id": f"b{number}"}, body)

    def _say(self, topic: str, headers: dict[str, str], told: object) -> None:
        body = json.dumps(told, ensure_ascii=False).encode()
        self.world.say(topic, headers, body)

    def hands_in(self, folder: Path) -> None:
        """A ledger with a good row and rows whose cells changed places."""
        book = Workbook()
        sheet = book.worksheets[0]
        sheet.append(list(INCIDENT))
        sheet.append(list(INCIDENT.values()))
        for number, name in enumerate(list(INCIDENT)[1:]):  # all but its own number
            row = {**INCIDENT, "接警编号": f"T46-X{number + 2}", name: NAME}
            sheet.append(list(row.values()))
        path = folder / "ledger.xlsx"
        book.save(path)
        report = self.world.hand_in(path, POLICE)
        self.answers.append(("ledger.xlsx", repr(report)))
        self._hands_in_odd(folder)

    def _hands_in_odd(self, folder: Path) -> None:
        path = folder / "odd.jsonl"
        path.write_bytes(b"\n".join(BROKEN))
        report = self.world.hand_in(path, POLICE)
        self.answers.append(("odd.jsonl", repr(report)))
