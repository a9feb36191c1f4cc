"""docker-compose.yml starts the same product as the local start, from one table."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from deploy.local import kafka_files, pg_files
from deploy.local.jars import KAFKA
from services.serve import NAMES

ROOT = Path(__file__).parents[2]
PROCESSES = set(NAMES)


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    found = compose["services"]
    assert isinstance(found, dict)
    return found


def container_settings() -> dict[str, str]:
    """What `deploy/settings.toml` says that containers set."""
    text = (ROOT / "deploy" / "settings.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)["services"].items()
    chosen = {name: row["container"] for name, row in rows if "container" in row}
    return {f"FENGQIAO_{name.upper()}": value for name, value in chosen.items()}


def in_the_image(setting: str) -> str:
    """How Kafka's image wants the name of a broker setting."""
    return "KAFKA_" + setting.upper().replace("-", "___").replace(".", "_")


def test_it_is_a_compose_file(compose: dict[str, Any]) -> None:
    schema = json.loads((ROOT / "tests/deploy/compose.schema.json").read_text())
    problems = Draft202012Validator(schema).iter_errors(compose)
    assert [f"{list(problem.path)}: {problem.message}" for problem in problems] == []


def test_what_is_mentioned_is_declared(
    compose: dict[str, Any], services: dict[str, Any]
) -> None:
    mounted = {
        volume.partition(":")[0]
        for s in services.values()
        for volume in s.get("volumes", [])
    }
    folders = {name for name in mounted if name.startswith("./")}
    assert mounted - folders == set(compose["volumes"])
    assert all((ROOT / folder).is_dir() for folder in folders)
    used = {row["source"] for s in services.values() for row in s.get("secrets", [])}
    assert used == set(compose["secrets"])
    needed = {name for s in services.values() for name in s.get("depends_on", {})}
    assert needed <= set(services)


def test_every_process_runs_from_one_image(
    services: dict[str, Any],
) -> None:
    ours = {name: s for name, s in services.items() if "build" in s}
    assert set(ours) == PROCESSES | {"topics"}
    assert len({(s["image"], str(s["build"])) for s in ours.values()}) == 1
    assert {name: ours[name]["command"] for name in PROCESSES} == {
        name: ["serve", name] for name in PROCESSES
    }
    assert ours["topics"]["command"] == ["topics", "apply"]


def test_settings_are_those_of_the_table(services: dict[str, Any]) -> None:
    for name in PROCESSES | {"topics"}:
        environment = dict(services[name]["environment"])
        assert "FENGQIAO_DATABASE_PASSWORD" in environment.pop("PGPASSWORD")
        assert environment == container_settings()


def test_the_broker_is_set_as_the_local_one(services: dict[str, Any]) -> None:
    table = kafka_files.description()
    wanted = table["common"] | table["compose"]
    environment = services["kafka"]["environment"]
    assert environment == {in_the_image(name): wanted[name] for name in wanted}


def test_local_and_container_broker_name_the_same_settings() -> None:
    table = kafka_files.description()
    assert set(table["local"]) == set(table["compose"])


def test_kafka_has_one_version(services: dict[str, Any]) -> None:
    version = kafka_files.description()["version"]
    assert services["kafka"]["image"] == f"apache/kafka:{version}"
    assert KAFKA.rpartition(":")[2] == version


@pytest.mark.parametrize("name", ["postgres", "keys"])
def test_the_databases_are_set_as_the_embedded_one(
    services: dict[str, Any], name: str
) -> None:
    table = pg_files.description()
    server = services[name]
    wanted = [f"--{key}={value}" for key, value in table["settings"].items()]
    assert server["command"] == ["postgres", *wanted]
    made = server["environment"]["POSTGRES_INITDB_ARGS"].split()
    assert made == table["initdb"]
    assert server["image"] == f"postgres:{pg_files.MAJOR}"
    assert server["environment"]["POSTGRES_USER"] == pg_files.SUPERUSER


def test_a_databases_volume_holds_the_folder_of_every_version(
    services: dict[str, Any],
) -> None:
    for name in ("postgres", "keys"):
        assert services[name]["volumes"] == [f"{name}:/var/lib/postgresql"]


def test_services_are_asked_whether_they_live(services: dict[str, Any]) -> None:
    for name in PROCESSES:
        asked = " ".join(services[name]["healthcheck"]["test"])
        port = services[name]["environment"]["FENGQIAO_HTTP_PORT"]
        assert f"http://127.0.0.1:{port}/livez" in asked


def test_watching_is_a_wish_and_asks_no_internet(services: dict[str, Any]) -> None:
    wished = {name for name, s in services.items() if "profiles" in s}
    assert wished == {"prometheus", "grafana"}
    grafana = services["grafana"]["environment"]
    asking = ("REPORTING", "CHECK_FOR", "NEWS_FEED")
    assert {
        value for name, value in grafana.items() if any(a in name for a in asking)
    } == {"false"}
    assert grafana["GF_AUTH_ANONYMOUS_ORG_ROLE"] == "Viewer"
    assert (
        "--config.file=/etc/prometheus/prometheus.yaml"
        in services["prometheus"]["command"]
    )


def test_grafana_finds_what_is_provisioned(services: dict[str, Any]) -> None:
    (mount, _) = services["grafana"]["volumes"]
    folder, inside, _ = mount.split(":")
    provider = yaml.safe_load(
        (ROOT / folder / "dashboards" / "provider.yaml").read_text("utf-8")
    )
    (where,) = {p["options"]["path"] for p in provider["providers"]}
    assert where == f"{inside}/dashboards"
    assert inside == "/etc/grafana/provisioning"


def test_nothing_runs_with_more_rights_than_it_needs(services: dict[str, Any]) -> None:
    for name in PROCESSES | {"topics"}:
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["read_only"]
        assert "FENGQIAO_UID" in services[name]["user"]


def test_the_image_installs_only_what_is_locked() -> None:
    text = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    assert "deploy.install requirements/runtime.lock" in text
    assert re.search(r"^USER 10001", text, re.MULTILINE)


def test_what_the_image_copies_is_there() -> None:
    text = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    rows = re.findall(r"^COPY (.+) \S+$", text, re.MULTILINE)
    sources = {source for row in rows for source in row.split()}
    assert {source for source in sources if not (ROOT / source).exists()} == set()


def test_no_secret_stands_in_the_file() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    passwords = re.findall(r"PASSWORD: (.{30})", text)
    assert set(passwords) == {'"${FENGQIAO_DATABASE_PASSWORD:'}
