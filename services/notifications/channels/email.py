"""Letters by e-mail (SMTP)."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from services.notifications.channels.base import ChannelError, Letter


@dataclass(frozen=True)
class MailServer:
    """The server that takes our mail. `timeout` holds for each step of a delivery."""

    sender: str
    host: str = "127.0.0.1"
    port: int = 25
    starttls: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout: float = 4.0


class Email:
    """Sends each letter to one address; the notice id makes its Message-ID."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    def send(self, letter: Letter) -> None:
        message = self._message(letter)
        try:
            with self._connected() as smtp:
                smtp.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            ((code, _),) = error.recipients.values()
            raise _refused(code) from None  # the cause would carry the address
        except smtplib.SMTPDataError as error:
            raise _refused(error.smtp_code) from None
        except (smtplib.SMTPException, OSError) as error:
            raise ChannelError(f"smtp-{type(error).__name__}", retry=True) from None

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        smtp = smtplib.SMTP(server.host, server.port, timeout=server.timeout)
        if server.starttls:
            smtp.starttls(context=ssl.create_default_context())
        if server.user:
            smtp.login(server.user, server.password or "")
        return smtp

    def _message(self, letter: Letter) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        domain = self._server.sender.rpartition("@")[2]
        try:
            message["To"] = Address(addr_spec=letter.address)
        except (ValueError, IndexError, MessageError):  # as the parser happens to fail
            raise ChannelError("address-malformed", retry=False) from None
        message["From"] = Address(addr_spec=self._server.sender)
        message["Subject"] = " ".join(letter.subject.split())  # a header has one line
        message["Date"] = letter.queued_at
        message["Message-ID"] = f"<{letter.notice}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        return message


def _refused(code: int) -> ChannelError:
    return ChannelError(f"smtp-{code}", retry=code < 500)
