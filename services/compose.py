"""Who hears whom, and how the services are put together from settings.

The one place where all parts meet; every part can be replaced by argument.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import cast
from uuid import UUID

from services.audit.names import RuleWords
from services.audit.service import AuditService
from services.escalation.answers import Answers
from services.escalation.service import EscalationService
from services.intake.file_report import FileReport
from services.intake.files import import_file
from services.intake.service import IntakeService
from services.intake.topics import Referrals
from services.notifications.channels import (
    Channel,
    Email,
    FileDrop,
    FolderOfTopics,
    MailServer,
    Publish,
    TopicOutlet,
    Webhook,
    read_secrets,
)
from services.notifications.service import NotificationsService
from services.reasons import Reasons
from services.routing.explaining.service import Explanations
from services.routing.explaining.sources import explanations
from services.routing.publishing import Archive, Publishing
from services.routing.publishing.calendars import Calendars
from services.routing.publishing.directories import Directories
from services.routing.publishing.in_use import in_use
from services.routing.publishing.packs import PublishedPacks
from services.routing.publishing.shipped import shipped
from services.routing.service import RoutingService
from services.settings import Settings
from shared.bodies import ChannelKind
from shared.calendar import Calendar, load_calendar
from shared.events import restored
from shared.events.base import Actor
from shared.events.database import Database
from shared.events.errors import RefusedError
from shared.events.inbox import Inbox, ParkedMessage
from shared.events.store import Service
from shared.keystore import KeyStore
from shared.masterkey import MasterKey
from shared.region import Region
from shared.vault import Vault

HEARS: dict[str, tuple[str, ...]] = {
    "intake": (),
    "routing": ("escalation",),
    "escalation": ("intake", "routing"),
    "notifications": ("intake", "routing", "escalation"),
    "audit": ("intake", "routing", "escalation", "notifications"),
}
"""Each hearer and the speakers it listens to; the same on every carrier."""

FOREIGN: dict[str, str] = {
    **{
        f"referrals.{who}": "intake" for who in ("police", "petition", "court", "other")
    },
    **{
        f"answers.{who}": "escalation"
        for who in ("police", "petition", "court", "other")
    },
}
"""Topics that outside bodies write to, and the service that reads each."""

PATIENT = ("notifications", "audit")
"""Those on whom no dispute waits: they may hear and publish a moment later, in larger
batches."""

CLOCK = "clock"
"""The process that fires what is due; it works on escalation's histories."""

LETTERS = "letters"
"""The process that sends notices; it works on notifications' histories."""


class House:
    """The services over one database, made when they are first asked for.

    `found` is the region in the folder of the settings, `region` the one they work with.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        database_url: str,
        keystore_url: str,
        publish: Publish | None = None,
    ) -> None:
        self.settings, self._publish = settings, publish
        self.keystore_url = keystore_url
        self.database = Database(database_url)
        self.database.open()
        self.found = Region.load(settings.region)
        self.region = in_use(self.found, self.publishing, self._directories)
        self.calendar: Calendar = load_calendar(self.region.head.calendar)
        self._made: dict[str, Inbox] = {}

    def inbox(self, name: str) -> Inbox:
        """The hearing half of a service, which knows the service itself."""
        if name not in self._made:
            if name not in self._makers:
                raise RefusedError(
                    "unknown-service",
                    f"there is no service {name!r}; there are {', '.join(HEARS)}",
                )
            vault = Vault(self.keystore) if name in FOREIGN.values() else None
            self._made[name] = Inbox(self._makers[name](), vault)
        return self._made[name]

    def inboxes(self, names: Iterable[str] = HEARS) -> dict[str, Inbox]:
        return {name: self.inbox(name) for name in names}

    @property
    def intake(self) -> IntakeService:
        return cast(IntakeService, self.inbox("intake").service)

    @property
    def escalation(self) -> EscalationService:
        return cast(EscalationService, self.inbox("escalation").service)

    @property
    def notifications(self) -> NotificationsService:
        return cast(NotificationsService, self.inbox("notifications").service)

    @property
    def audit(self) -> AuditService:
        return cast(AuditService, self.inbox("audit").service)

    @cached_property
    def publishing(self) -> Publishing:
        """What people decide about the rules of the region."""
        return Publishing(self.database, self.found.code)

    @cached_property
    def rules(self) -> PublishedPacks:
        """The packs by day, as they are published; at first the one that is shipped."""
        pack = shipped(self.found, self.publishing, self.archive)
        return PublishedPacks(self.publishing, self.archive, pack)

    @property
    def archive(self) -> Archive:
        """Packs and directories of any age."""
        return Archive(self.database)

    @cached_property
    def calendars(self) -> Calendars:
        """Calendars of any age; those that were asked for are remembered."""
        return Calendars(self.archive)

    @property
    def rule_words(self) -> RuleWords:
        """What the rows of all packs say that are published by now."""
        shelf = self.rules.shelf()
        return RuleWords(shelf.words, {one.version: one.words for one in shelf.packs})

    def explanations(self) -> Explanations:
        """What routing can tell of its decisions."""
        routing = cast(RoutingService, self.inbox("routing").service)
        by_hand = self.escalation.history
        find = self._directories.get
        return explanations(routing, find, by_hand, self.calendars.get)

    @cached_property
    def _directories(self) -> Directories:
        """Directories of any age; those that were asked for are remembered."""
        return Directories(self.archive)

    @cached_property
    def keystore(self) -> KeyStore:
        return KeyStore(
            self.keystore_url, MasterKey.load_or_create(self.settings.master_key)
        )

    def import_file(
        self, path: Path, sender: str, *, good_rows: bool = False, dry_run: bool = False
    ) -> FileReport:
        """Import a file of referrals; see `services.intake.files`."""
        return import_file(
            self.intake,
            self.inbox("intake"),
            path,
            sender,
            good_rows=good_rows,
            dry_run=dry_run,
        )

    def entrance(self, name: str) -> Referrals | Answers:
        """What takes messages from outside for this service."""
        if name == "intake":
            return Referrals(self.intake, self.inbox(name))
        return Answers(self.escalation, self.inbox(name))

    def parked_message(self, message: UUID) -> tuple[str, ParkedMessage]:
        """A parked message and the service that parked it. Raises `RefusedError`."""
        for name, inbox in self.inboxes().items():
            with suppress(RefusedError):
                return name, inbox.parked_message(message)
        raise RefusedError(
            "no-such-message",
            f"no message {message} is parked; `fengqiao parked list` shows those that are",
        )

    def release(
        self,
        message: UUID,
        *,
        by: Actor,
        why: str,
        body: bytes | None = None,
        discard: bool = False,
    ) -> list[UUID]:
        """Process a parked message after all; see `Inbox.release`."""
        if by.body not in self.region.bodies:
            raise RefusedError(
                "unknown-body",
                "the directory has no body of that name; look it up there",
                field="by",
            )
        name, _ = self.parked_message(message)
        foreign = self.entrance(name).intents
        return self.inbox(name).release(
            message, by=by, why=why, foreign=foreign, body=body, discard=discard
        )

    def migrate(self) -> list[str]:
        """Make or update every schema; safe to run from several processes at once."""
        self.keystore.migrate()
        ran = self.database.migrate("fengqiao", [restored.SCRIPT])
        if self.settings.time_can_move:
            self.database.let_time_move()
        for name in HEARS:
            ran += self.inbox(name).service.migrate()
        self.rules.begin(self.region)
        return ran

    def close(self) -> None:
        for inbox in self._made.values():
            inbox.service.close()
        if "publishing" in self.__dict__:
            self.publishing.close()
        if "keystore" in self.__dict__:
            self.keystore.close()
        self.database.close()

    @property
    def _makers(self) -> Mapping[str, Callable[[], Service]]:
        return {
            "intake": lambda: IntakeService(
                self.database, self.region, self.calendar, self.keystore
            ),
            "routing": lambda: RoutingService(
                self.database, self.region, self.rules.shelf, self.calendars.keep
            ),
            "escalation": lambda: EscalationService(
                self.database, self.region, self.calendar
            ),
            "notifications": lambda: NotificationsService(
                self.database, self.region, self.keystore, self._channels()
            ),
            "audit": lambda: AuditService(
                self.database,
                self.region,
                lambda: self.rule_words,
                Reasons(self.explanations),
            ),
        }

    def _channels(self) -> dict[ChannelKind, Channel]:
        settings, bodies = self.settings, self.region.bodies
        hooks = [
            channel.address
            for body in bodies
            for channel in self.region.channels(body)
            if channel.kind is ChannelKind.WEBHOOK
        ]
        publish = self._publish or FolderOfTopics(settings.data / "topics")
        channels: dict[ChannelKind, Channel] = {
            ChannelKind.FILE: FileDrop(settings.outbox),
            ChannelKind.TOPIC: TopicOutlet(publish),
            ChannelKind.WEBHOOK: Webhook(hooks, read_secrets(settings.webhook_secrets)),
        }
        if settings.smtp_host:
            server = MailServer(
                settings.smtp_sender, settings.smtp_host, settings.smtp_port
            )
            channels[ChannelKind.EMAIL] = Email(server)
        return channels
