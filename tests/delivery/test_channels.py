"""Each channel against a real other side: taken once, or refused clearly."""

from __future__ import annotations

import base64
import json
import os
from dataclasses import replace
from datetime import datetime
from itertools import count
from uuid import UUID, uuid5

import pytest

from services.notifications.channels import (
    ChannelError,
    Email,
    FileDrop,
    FolderOfTopics,
    Letter,
    MailServer,
    TopicOutlet,
    Webhook,
    read_secrets,
)
from services.notifications.channels.webhook_secrets import WebhookSecretsError
from shared.calendar import SHANGHAI
from tests.delivery.outside import SECRET, mail_server, receiving

NOTICE = UUID("0c5d8f1e-0000-5000-8000-0000000000aa")
LETTER = Letter(
    notice=NOTICE,
    dispute=UUID("0c5d8f1e-0000-5000-8000-000000000001"),
    to="legalservice-fengqiao",
    address="village",
    template="handoff_offered",
    facts={"code": "330681-7KQ2-9XWM-4T0A-7", "answer_by": "2026-03-05T09:00:00+08:00"},
    subject="请答复 / Please answer",
    text="请在此前答复。\n\nPlease answer.\n",
    queued_at=datetime(2026, 3, 2, 9, tzinfo=SHANGHAI),
)
BODY = LETTER.to


@pytest.fixture
def receiver():
    with receiving() as found:
        yield found


@pytest.fixture
def mail():
    with mail_server() as found:
        yield found


def to(address: str, **changes) -> Letter:
    return replace(LETTER, address=address, **changes)


def hook(receiver, *addresses, secrets=(SECRET,), timeout=4.0) -> Webhook:
    registered = {receiver.url, *addresses}
    return Webhook(registered, {BODY: secrets}, timeout=timeout)


def refusal(channel, letter) -> tuple[str, bool]:
    with pytest.raises(ChannelError) as caught:
        channel.send(letter)
    return caught.value.reason, caught.value.retry


# File drop


def test_a_letter_lies_in_the_folder_of_its_recipient(tmp_path):
    FileDrop(tmp_path).send(LETTER)

    (file,) = (tmp_path / "village").iterdir()
    assert file.name == f"{NOTICE}.txt"
    text = file.read_text(encoding="utf-8")
    assert "标题 / Subject: 请答复 / Please answer" in text
    assert text.endswith(LETTER.text)


def test_the_same_letter_again_changes_nothing_in_the_folder(tmp_path):
    drop = FileDrop(tmp_path)
    drop.send(LETTER)
    drop.send(replace(LETTER, text="other"))

    (file,) = (tmp_path / "village").iterdir()
    assert "other" not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("address", ["", ".", "..", "../elsewhere", "/etc"])
def test_a_folder_outside_the_outbox_is_refused(tmp_path, address):
    assert refusal(FileDrop(tmp_path / "outbox"), to(address)) == (
        "folder-outside-outbox",
        False,
    )
    assert not (tmp_path / "elsewhere").exists()


def test_an_outbox_that_cannot_be_written_is_tried_again(tmp_path):
    (tmp_path / "village").write_text("a file where a folder should be")

    reason, again = refusal(FileDrop(tmp_path), LETTER)

    assert (reason, again) == ("file-NotADirectoryError", True)


def test_of_many_letters_each_that_can_be_put_is_put(tmp_path):
    letters = [
        to("village"),
        to("../elsewhere"),
        to("town", notice=uuid5(NOTICE, "other")),
        to("village", notice=uuid5(NOTICE, "third")),
    ]

    errors = FileDrop(tmp_path).send_all(letters)

    assert [isinstance(error, ChannelError) for error in errors] == [
        False,
        True,
        False,
        False,
    ]
    names = {path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("*/*")}
    assert names == {
        f"{letter.address}/{letter.notice}.txt"
        for letter in letters
        if ".." not in letter.address
    }


def test_a_letter_that_does_not_get_to_the_disk_keeps_back_no_other(
    tmp_path, monkeypatch
):
    (tmp_path / "village").mkdir()
    letters = [to("village", notice=uuid5(NOTICE, str(n))) for n in range(3)]
    failing(monkeypatch, "fsync", on_call=2)

    errors = FileDrop(tmp_path).send_all(letters)

    assert [error and error.reason for error in errors] == [None, "file-OSError", None]
    there = {path.name for path in (tmp_path / "village").iterdir()}
    assert there == {f"{letters[0].notice}.txt", f"{letters[2].notice}.txt"}


def test_letters_whose_folder_does_not_get_to_the_disk_are_not_taken(
    tmp_path, monkeypatch
):
    FileDrop(tmp_path).send(LETTER)
    letters = [to("village", notice=uuid5(NOTICE, str(n))) for n in range(3)]
    failing(monkeypatch, "fsync", on_call=4)

    errors = FileDrop(tmp_path).send_all(letters)

    assert [error and error.retry for error in errors] == [True] * 3
    assert FileDrop(tmp_path).send_all(letters) == [None] * 3


def failing(monkeypatch, name: str, on_call: int) -> None:
    """Let this call of the operating system fail once."""
    real, calls = getattr(os, name), count(1)

    def call(*values):
        if next(calls) == on_call:
            raise OSError("the disk")
        return real(*values)

    monkeypatch.setattr(os, name, call)


# Topics


def test_a_letter_on_a_topic_is_a_cloud_event_with_the_id_of_the_notice(tmp_path):
    outlet = TopicOutlet(FolderOfTopics(tmp_path))
    outlet.send(to("handoffs.police"))
    outlet.send(to("handoffs.police"))

    (file,) = (tmp_path / "handoffs.police").iterdir()
    message = json.loads(file.read_text(encoding="utf-8"))
    assert message["key"] == str(LETTER.dispute)
    assert message["headers"]["ce_id"] == str(NOTICE)
    assert message["headers"]["ce_type"] == "notice.handoff_offered"
    assert message["headers"]["ce_subject"] == str(LETTER.dispute)
    assert message["body"]["facts"] == LETTER.facts


@pytest.mark.parametrize("address", ["", "../x", "a/b", "UPPER", "."])
def test_what_is_no_name_of_a_topic_is_refused(tmp_path, address):
    outlet = TopicOutlet(FolderOfTopics(tmp_path))

    assert refusal(outlet, to(address)) == ("no-such-topic", False)


# Webhooks


def test_a_webhook_is_signed_over_its_raw_bytes(receiver):
    hook(receiver).send(to(receiver.url))

    (taken,) = receiver.taken
    assert receiver.ids == [str(NOTICE)]
    assert taken["type"] == "notice.handoff_offered"
    assert taken["data"]["facts"] == LETTER.facts


def test_a_secret_can_be_changed_without_a_gap(receiver):
    hook(receiver, secrets=(b"n" * 32, SECRET)).send(to(receiver.url))

    assert len(receiver.taken) == 1


def test_a_receiver_that_knows_another_secret_refuses(receiver):
    channel = hook(receiver, secrets=(b"x" * 32,))

    assert refusal(channel, to(receiver.url)) == ("http-401", True)


@pytest.mark.parametrize(
    ("status", "again"), [(500, True), (404, True), (429, True), (410, False)]
)
def test_what_a_receiver_answers_decides_whether_to_try_again(receiver, status, again):
    receiver.answers = [status]

    assert refusal(hook(receiver), to(receiver.url)) == (f"http-{status}", again)


def test_a_redirect_is_not_followed(receiver):
    receiver.answers = [307]

    assert refusal(hook(receiver), to(receiver.url)) == ("http-307", False)
    assert len(receiver.ids) == 1


def test_a_receiver_that_does_not_answer_is_left_after_a_while(receiver):
    receiver.hold.clear()

    channel = hook(receiver, timeout=0.3)

    assert refusal(channel, to(receiver.url)) == ("no-answer-in-time", True)


def test_a_receiver_that_is_not_there_is_tried_again():
    url = "http://127.0.0.1:1/"
    channel = Webhook([url], {BODY: (SECRET,)})

    assert refusal(channel, to(url)) == ("http-ConnectError", True)


def test_only_registered_addresses_are_written_to(receiver):
    other = receiver.url + "?to=elsewhere"

    assert refusal(hook(receiver), to(other)) == ("address-not-registered", False)
    assert receiver.ids == []


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "ftp://127.0.0.1/", "http://user:pw@127.0.0.1/", "http://"],
)
def test_other_kinds_of_addresses_are_refused_even_if_registered(receiver, address):
    channel = hook(receiver, address)

    assert refusal(channel, to(address)) == ("address-malformed", False)


@pytest.mark.parametrize(
    "found", ["127.0.0.1", "::1", "169.254.169.254", "0.0.0.0", "::ffff:127.0.0.1"]
)
def test_a_name_that_leads_inside_is_refused(receiver, monkeypatch, found):
    port = receiver.url.split(":")[2]
    url = f"http://hooks.example.invalid:{port}"
    lead(monkeypatch, found)

    assert refusal(hook(receiver, url), to(url)) == ("name-leads-inside", False)
    assert receiver.ids == []


def test_the_name_is_looked_up_once_and_kept_in_the_request(receiver, monkeypatch):
    port = receiver.url.split(":")[2].split("/")[0]
    url = f"http://hooks.example.invalid:{port}/fengqiao"
    asked = lead(monkeypatch, "127.0.0.1")
    monkeypatch.setattr(
        "services.notifications.channels.webhook_target._is_ours", lambda _: False
    )

    hook(receiver, url).send(to(url))

    assert receiver.asked == [f"hooks.example.invalid:{port}"]
    assert asked == ["hooks.example.invalid"]


def test_a_name_that_nobody_knows_is_tried_again(receiver, monkeypatch):
    url = "http://hooks.example.invalid/"
    lead(monkeypatch, None)

    assert refusal(hook(receiver, url), to(url)) == ("name-not-found", True)


def lead(monkeypatch, address):
    """Let every name lead to this address; returns which names were asked for."""
    asked = []

    def getaddrinfo(host, port, *args, **kwargs):
        if host == address:  # an address leads to itself
            return [(2, 1, 6, "", (host, port))]
        asked.append(host)
        if address is None:
            raise OSError("no such name")
        return [(2, 1, 6, "", (address, port))]

    monkeypatch.setattr("socket.getaddrinfo", getaddrinfo)
    return asked


def test_a_body_without_a_secret_gets_no_unsigned_letter(receiver):
    channel = Webhook([receiver.url], {})

    assert refusal(channel, to(receiver.url)) == ("no-secret-for-this-body", True)
    assert receiver.ids == []


def test_secrets_are_read_from_a_file_of_their_own(tmp_path):
    path = tmp_path / "webhooks.toml"
    path.write_text(f'{BODY} = ["whsec_{base64.b64encode(SECRET).decode()}"]')
    path.chmod(0o600)

    assert read_secrets(path) == {BODY: (SECRET,)}
    assert read_secrets(tmp_path / "none.toml") == {}


@pytest.mark.parametrize(
    ("text", "mode", "words"),
    [
        ('a = ["whsec_c2hvcnQ="]', 0o600, "random bytes"),
        ('a = ["whsec_***"]', 0o600, "random bytes"),
        ('a = "whsec_x"', 0o600, "write a = "),
        ("a = [", 0o600, "not TOML"),
        ("", 0o644, "chmod 600"),
    ],
)
def test_a_file_of_secrets_that_is_weak_or_open_is_refused(tmp_path, text, mode, words):
    path = tmp_path / "webhooks.toml"
    path.write_text(text)
    path.chmod(mode)

    with pytest.raises(WebhookSecretsError, match=words) as caught:
        read_secrets(path)

    assert "c2hvcnQ" not in str(caught.value)


# E-mail


def test_a_mail_says_what_the_letter_says_under_the_id_of_the_notice(mail):
    mailbox, port = mail

    Email(MailServer("fengqiao@county.example", port=port)).send(to("li@a.example"))

    (found,) = mailbox.mails
    assert mailbox.to == ["li@a.example"]
    assert found["Message-ID"] == f"<{NOTICE}@county.example>"
    assert found["Subject"] == LETTER.subject
    assert found["From"] == "fengqiao@county.example"
    assert found["Auto-Submitted"] == "auto-generated"
    assert found.get_content().replace("\r\n", "\n") == LETTER.text


def test_the_subject_of_a_mail_cannot_bring_headers_of_its_own(mail):
    mailbox, port = mail
    letter = to("li@a.example", subject="code\r\nBcc: everybody@a.example")

    Email(MailServer("fengqiao@county.example", port=port)).send(letter)

    assert mailbox.to == ["li@a.example"]
    assert mailbox.mails[0]["Bcc"] is None


@pytest.mark.parametrize(
    "address",
    ["li@a.example\r\nBcc: b@a.example", "a@a.example, b@a.example", "nobody", "", "@"],
)
def test_what_is_no_single_address_gets_no_mail(mail, address):
    mailbox, port = mail
    channel = Email(MailServer("fengqiao@county.example", port=port))

    assert refusal(channel, to(address)) == ("address-malformed", False)
    assert mailbox.mails == []


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("550 no such person li@a.example", ("smtp-550", False)),
        ("450 later, li@a.example", ("smtp-450", True)),
    ],
)
def test_a_mail_server_that_refuses_is_told_by_its_code_alone(mail, answer, expected):
    mailbox, port = mail
    mailbox.refuses["li@a.example"] = answer
    channel = Email(MailServer("fengqiao@county.example", port=port))

    assert refusal(channel, to("li@a.example")) == expected


def test_a_mail_server_that_is_not_there_is_tried_again():
    channel = Email(MailServer("fengqiao@county.example", port=1))

    reason, again = refusal(channel, to("li@a.example"))

    assert (reason, again) == ("smtp-ConnectionRefusedError", True)


def test_neither_letters_nor_servers_show_addresses_or_passwords():
    server = MailServer("a@b.example", user="u", password="hunter2")

    assert "li@a.example" not in repr(to("li@a.example"))
    assert "hunter2" not in repr(server)
