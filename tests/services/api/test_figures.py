"""Figures: what happened is counted, under labels that nobody outside can invent."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.support.life import Life
from tests.support.serving import Serving

Labels = dict[str, str]


def samples(text: str, name: str) -> list[tuple[Labels, float]]:
    families = text_string_to_metric_families(text)
    return [(s.labels, s.value) for family in families for s in family.samples if s.name == name]


def answered(platform: Serving, **labels: str) -> float:
    found = samples(platform.http.get("/metrics").text, "ehcp_requests_total")
    return sum(value for stated, value in found if labels.items() <= stated.items())


def test_a_request_is_counted_by_route_method_and_status(life: Life) -> None:
    life.requested()
    route = "/v1/plans/{plan_id}"
    before = answered(life.serving, route=route, method="GET", status="200")
    life.read()
    assert answered(life.serving, route=route, method="GET", status="200") == before + 1
    times = samples(life.officer.http.get("/metrics").text, "ehcp_request_seconds_count")
    assert next(value for labels, value in times if labels == {"route": route}) >= before + 1


def test_no_label_comes_from_a_caller(life: Life) -> None:
    life.requested()
    http = life.officer.http
    for path in (
        "/Zebedee",
        "/v1/plans/Zebedee",
        "/schemas/Zebedee.json",
        f"{life.path}/acts/Zebedee",
        "/v1/Zebedee/x",
    ):
        for method in ("GET", "POST", "ZEBEDEE"):
            http.request(method, path, headers={**life.officer.headers, "User-Agent": "Zebedee"})
    text = http.get("/metrics").text
    assert "Zebedee" not in text
    assert "ZEBEDEE" not in text
    assert life.plan_id not in text
    assert answered(life.serving, route="none", method="other") > 0


def test_labels_stay_few_however_many_ask(platform: Serving) -> None:
    def number() -> int:
        return len(samples(platform.http.get("/metrics").text, "ehcp_requests_total"))

    for path in ("/v1/plans/x", "/nowhere", "/schemas/x", "/metrics"):
        platform.http.get(path)
    before = number()
    for n in range(50):
        platform.http.get(f"/v1/plans/{n}")
        platform.http.get(f"/nowhere/{n}")
        platform.http.get(f"/schemas/{n}")
    assert number() == before


ONE_OF_SEVERAL = "from services.api.figures import ANSWERED; ANSWERED.labels('/x', 'GET', 200).inc()"
ALL_OF_THEM = "from services.api.figures import written_figures; print(written_figures().decode())"


def test_processes_that_serve_together_show_the_sum(tmp_path: Path) -> None:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for _ in range(3):
        subprocess.run([sys.executable, "-c", ONE_OF_SEVERAL], env=environment, check=True)
    ran = subprocess.run(
        [sys.executable, "-c", ALL_OF_THEM], env=environment, check=True, capture_output=True, text=True
    )
    (counted,) = samples(ran.stdout, "ehcp_requests_total")
    assert counted == ({"route": "/x", "method": "GET", "status": "200"}, 3.0)


def test_liveness_and_readiness_say_nothing_of_a_plan(life: Life) -> None:
    life.requested()
    for path in ("/healthz", "/readyz", "/views", "/metrics"):
        assert life.plan_id not in life.officer.http.get(path).text
