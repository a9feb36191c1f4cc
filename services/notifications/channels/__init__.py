"""How a letter leaves the house: a small class per channel, all with one promise.

A channel takes a letter or raises `ChannelError`. The same letter may come twice, after
a crash; it then carries the same notice id, by which a receiver drops it.
"""

from __future__ import annotations

from services.notifications.channels.base import (
    Channel,
    ChannelError,
    Letter,
    TakesMany,
)
from services.notifications.channels.email import Email, MailServer
from services.notifications.channels.file_drop import FileDrop
from services.notifications.channels.topic import (
    FolderOfTopics,
    Outgoing,
    Publish,
    TopicOutlet,
)
from services.notifications.channels.webhook import Webhook
from services.notifications.channels.webhook_secrets import read_secrets

__all__ = [
    "Channel",
    "ChannelError",
    "Email",
    "FileDrop",
    "FolderOfTopics",
    "Letter",
    "MailServer",
    "Outgoing",
    "Publish",
    "TakesMany",
    "TopicOutlet",
    "Webhook",
    "read_secrets",
]
