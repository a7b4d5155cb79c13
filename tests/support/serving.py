"""A platform in a folder of its own with its HTTP API, and callers that are signed in to it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import orjson
from fastapi.testclient import TestClient

from connectors.identity.development import ISSUER, DevelopmentIssuer
from connectors.identity.tokens import Principal
from services.api.app import create_app
from services.bootstrap import Platform, open_platform
from services.settings import Settings

COUNCIL = "855"
MERGE_PATCH = "application/merge-patch+json"
#: The day on which a platform under test lives until its clock is set.
TODAY = "2026-11-02"


class Clock:
    """The civil date that a platform under test takes for today; it stands at noon until it is set again."""

    def __init__(self, day: str = TODAY) -> None:
        self.day = day

    def __call__(self) -> datetime:
        return datetime.combine(date.fromisoformat(self.day), time_of_day(12), UTC)


class Caller:
    """A party that is signed in: sends acts with a fresh Idempotency-Key, reads what it may."""

    def __init__(self, http: httpx.Client | TestClient, token: str, clock: Clock, principal: Principal) -> None:
        self.http = http
        self.principal = principal
        self.clock = clock
        self.headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **parameters: Any) -> httpx.Response:
        return self.http.get(path, headers=self.headers, params=parameters or None)

    def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.post(path, json=body, headers={**self.headers, "Idempotency-Key": str(uuid4()), **given})

    def send(self, method: str, path: str, content: bytes, media_type: str, **headers: str) -> httpx.Response:
        """Bytes as they are, under a fresh Idempotency-Key."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        always = {**self.headers, "Idempotency-Key": str(uuid4()), "Content-Type": media_type}
        return self.http.request(method, path, content=content, headers={**always, **given})

    def patch(self, path: str, change: Any, tag: str, media_type: str = MERGE_PATCH) -> httpx.Response:
        return self.send("PATCH", path, orjson.dumps(change), media_type, If_Match=tag)

    def delete(self, path: str, tag: str) -> httpx.Response:
        return self.http.request("DELETE", path, headers={**self.headers, "If-Match": tag})

    def open(self, act: str, **body: Any) -> httpx.Response:
        return self.post(f"/v1/plans/opened-by/{act}", {"mode": "PERFORM", "effectiveOn": self.clock.day, **body})

    def act(self, plan_id: str, act: str, *, tag: str | None = None, **body: Any) -> httpx.Response:
        headers = {"If_Match": tag} if tag else {}
        content = {"mode": "PERFORM", "effectiveOn": self.clock.day, **body}
        return self.post(f"/v1/plans/{plan_id}/acts/{act}", content, **headers)


class Serving:
    """The API of a platform, and tokens for whoever is asked for."""

    def __init__(self, platform: Platform, http: TestClient, issuer: DevelopmentIssuer, clock: Clock) -> None:
        self.platform = platform
        self.http = http
        self.issuer = issuer
        self.clock = clock

    def as_(
        self, role: str, organisation: str, *, plan: str = "", contact: str = "", name: str = "", client: str = ""
    ) -> Caller:
        subject = name or f"{role}-of-{organisation}"
        principal = Principal(
            subject=subject, organisation=organisation, role=role, plan_id=plan, contact_id=contact, client=client
        )
        audience = self.platform.settings.base_url
        token = self.issuer.issue(principal, audience=audience, now=int(time.time()))
        return Caller(self.http, token, self.clock, principal)

    def officer(self, council: str = COUNCIL) -> Caller:
        return self.as_("case-officer", f"la:{council}")

    def manager(self, council: str = COUNCIL) -> Caller:
        return self.as_("send-manager", f"la:{council}")


@contextmanager
def serving(
    folder: Path,
    *,
    day: str = TODAY,
    issuer: DevelopmentIssuer | None = None,
    database_url: str = "",
    checkpoint_seconds: float = 10.0,
) -> Iterator[Serving]:
    """Serve the record in `folder`, a new one unless it was served before (then by the same issuer).

    With `database_url` the record is in PostgreSQL, and the folder holds its keyring.
    """
    issuer = issuer or DevelopmentIssuer.ephemeral()
    clock = Clock(day)
    url = database_url or f"sqlite:///{folder}/record/record.sqlite"
    settings = Settings(
        database_url=url,
        keyring=str(folder / "record" / "keyring"),
        calls_per_minute=0,
        checkpoint_seconds=checkpoint_seconds,
        webhook_hosts="subscriber.example, *.council.example",
    )
    platform = open_platform(settings, trusted={ISSUER: issuer.public_keys()}, now=clock)
    with TestClient(create_app(platform), raise_server_exceptions=False) as http:
        yield Serving(platform, http, issuer, clock)
