"""The other side of channels: a real web server and a real mail server."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from contextlib import contextmanager
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller

SECRET = bytes(range(32))


class Receiver:
    """Takes webhooks, checks their signature as an agency would, answers as told."""

    def __init__(self, port: int):
        self.url = f"http://127.0.0.1:{port}/fengqiao"
        self.answers: list[int] = []
        self.taken: list[dict] = []
        self.ids: list[str] = []
        self.asked: list[str] = []
        self.hold = threading.Event()
        self.hold.set()

    def answer(self, headers, body: bytes) -> int:
        self.hold.wait(30)
        self.ids.append(headers["webhook-id"])
        self.asked.append(headers["host"])
        if not is_genuine(headers, body):
            return 401
        status = self.answers.pop(0) if self.answers else 200
        if status == 200:
            self.taken.append(json.loads(body))
        return status


def is_genuine(headers, body: bytes) -> bool:
    """Whether one of the signatures is of our secret, over the raw bytes."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.new(SECRET, signed, hashlib.sha256).digest()
    expected = "v1," + base64.b64encode(digest).decode()
    return expected in headers["webhook-signature"].split(" ")


@contextmanager
def receiving():
    """A web server that takes webhooks."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            status = receiver.answer(self.headers, body)
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("location", f"{receiver.url}/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args):
            """A test's output is for the test."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield receiver
    finally:
        receiver.hold.set()
        server.shutdown()
        thread.join()
        server.server_close()


class Mailbox:
    """What a mail server took, and what it answers to whom."""

    def __init__(self):
        self.mails: list = []
        self.to: list[str] = []
        self.refuses: dict[str, str] = {}

    async def handle_RCPT(self, server, session, envelope, address, options):
        if refusal := self.refuses.get(address):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        self.to += envelope.rcpt_tos
        return "250 taken"


class _AnyPort(Controller):
    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server():
    """A mail server and its mailbox."""
    mailbox = Mailbox()
    server = _AnyPort(mailbox, hostname="127.0.0.1", port=0)
    server.start()
    try:
        yield mailbox, server.port
    finally:
        server.stop()
