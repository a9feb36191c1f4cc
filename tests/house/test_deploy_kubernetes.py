"""The Kubernetes files run the same services with the same settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.house.test_deploy_compose import PROCESSES, ROOT, container_settings

FOLDER = ROOT / "deploy" / "kubernetes"


def load(path: Path) -> dict[str, Any]:
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def objects(kind: str) -> dict[str, dict[str, Any]]:
    """All objects of a kind, by name."""
    found = [load(path) for path in sorted(FOLDER.glob("*.yaml"))]
    flat = [item for one in found for item in one.get("items", [one])]
    return {one["metadata"]["name"]: one for one in flat if one["kind"] == kind}


DEPLOYMENTS = objects("Deployment")


def pod(name: str) -> dict[str, Any]:
    found = DEPLOYMENTS[name]["spec"]["template"]["spec"]
    assert isinstance(found, dict)
    return found


def service_container(name: str) -> dict[str, Any]:
    (found,) = pod(name)["containers"]
    assert isinstance(found, dict)
    return found


def test_every_process_is_deployed() -> None:
    assert set(DEPLOYMENTS) == PROCESSES
    (topics,) = objects("Job").values()
    (container,) = topics["spec"]["template"]["spec"]["containers"]
    assert container["args"] == ["topics", "apply"]


def test_settings_are_those_of_the_table() -> None:
    assert objects("ConfigMap")["fengqiao"]["data"] == container_settings()


@pytest.mark.parametrize("name", sorted(PROCESSES))
def test_a_deployment_runs_and_selects_its_own_service(name: str) -> None:
    spec = DEPLOYMENTS[name]["spec"]
    labels = {"app": "fengqiao", "service": name}
    assert spec["selector"]["matchLabels"] == labels
    assert spec["template"]["metadata"]["labels"] == labels
    container = service_container(name)
    assert container["args"] == ["serve", name]
    assert container["envFrom"] == [{"configMapRef": {"name": "fengqiao"}}]


@pytest.mark.parametrize("name", sorted(PROCESSES))
def test_a_pod_is_probed_and_has_no_rights_to_spare(name: str) -> None:
    container = service_container(name)
    assert container["livenessProbe"]["httpGet"]["path"] == "/livez"
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert container["startupProbe"]["httpGet"]["path"] == "/startupz"
    assert pod(name)["securityContext"]["runAsNonRoot"]
    for each in [container, *pod(name)["initContainers"]]:
        locked = each["securityContext"]
        assert locked["readOnlyRootFilesystem"]
        assert not locked["allowPrivilegeEscalation"]
        assert locked["capabilities"] == {"drop": ["ALL"]}


@pytest.mark.parametrize("name", sorted(PROCESSES))
def test_a_pod_says_where_its_metrics_are(name: str) -> None:
    said = DEPLOYMENTS[name]["spec"]["template"]["metadata"]["annotations"]
    (port,) = {str(p["containerPort"]) for p in service_container(name)["ports"]}
    assert said == {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": port,
        "prometheus.io/path": "/metrics",
    }


@pytest.mark.parametrize("name", sorted(PROCESSES))
def test_every_mounted_volume_is_declared(name: str) -> None:
    declared = {volume["name"] for volume in pod(name)["volumes"]}
    containers = [*pod(name)["containers"], *pod(name)["initContainers"]]
    mounted = {mount["name"] for each in containers for mount in each["volumeMounts"]}
    assert mounted == declared


def test_services_that_are_called_have_an_address() -> None:
    addresses = objects("Service")
    assert set(addresses) == {"intake", "escalation", "audit"}
    for name, address in addresses.items():
        assert address["spec"]["selector"] == {"app": "fengqiao", "service": name}


def test_containers_and_kubernetes_use_one_image() -> None:
    images = {service_container(name)["image"] for name in PROCESSES}
    (image,) = images
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert f"image: {image}\n" in text
