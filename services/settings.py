"""Every setting, with a sentence each. Read from the environment, prefix FENGQIAO_."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What a process needs to know. `deploy/settings.toml` says the same in words."""

    model_config = SettingsConfigDict(env_prefix="FENGQIAO_", frozen=True)

    data: Path = Field(Path("data"), description="the folder of the embedded product")
    database_url: str | None = Field(None, description="a PostgreSQL server's URL")
    keystore_url: str | None = Field(None, description="the key store's own database")
    kafka: str | None = Field(None, description="Kafka's bootstrap servers")
    region: str = Field("sample", description="a shipped region's name, or a folder")
    calendars: Path | None = Field(
        None, description="a folder with calendars of your own, by name"
    )
    master_key_file: Path | None = Field(None, description="what opens the key store")
    http_host: str = Field("127.0.0.1", description="the address HTTP listens on")
    http_port: int = Field(8000, ge=0, le=65535, description="0 takes a free one")
    time_can_move: bool = Field(False, description="let samples move the time")
    emergency_days: int = Field(
        14, ge=1, le=90, description="how long an emergency change of rules may last"
    )
    decline_percent: int = Field(
        30, ge=1, le=100, description="of a hundred, how many declines propose a change"
    )
    decline_uses: int = Field(
        20, ge=1, description="from how many uses of a row on its declines count"
    )
    decline_look_hours: int = Field(
        24,
        ge=0,
        le=8760,
        description="hours from one look at declined rows to the next; 0: none",
    )
    smtp_host: str | None = Field(None, description="the mail server, if there is one")
    smtp_port: int = Field(25, ge=1, le=65535, description="the mail server's port")
    smtp_sender: str = Field(
        "fengqiao@localhost", description="the address letters come from"
    )
    log_format: Literal["json", "text"] = Field("text", description="one line an event")
    log_level: str = Field("WARNING", description="the least level that is written")

    @property
    def master_key(self) -> Path:
        return self.master_key_file or self.data / "keys" / "master.key"

    @property
    def webhook_secrets(self) -> Path:
        """The secrets that sign webhooks."""
        return self.data / "keys" / "webhooks.toml"

    @property
    def outbox(self) -> Path:
        """Where letters by file drop are put."""
        return self.data / "outbox"
