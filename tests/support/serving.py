"""A platform in a folder of its own with its HTTP API, and callers that are signed in to it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from fastapi.testclient import TestClient

from connectors.identity.development import ISSUER, DevelopmentIssuer
from connectors.identity.tokens import Principal
from services.api.app import create_app
from services.bootstrap import Platform, open_platform
from services.settings import Settings

COUNCIL = "855"


class Caller:
    """A party that is signed in: sends acts with a fresh Idempotency-Key, reads what it may."""

    def __init__(self, http: TestClient, token: str) -> None:
        self.http = http
        self.headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **parameters: Any) -> httpx.Response:
        return self.http.get(path, headers=self.headers, params=parameters)

    def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.post(path, json=body, headers={**self.headers, "Idempotency-Key": str(uuid4()), **given})

    def open(self, act: str, **body: Any) -> httpx.Response:
        return self.post(f"/v1/plans/opened-by/{act}", {"mode": "PERFORM", "effectiveOn": "2026-11-02", **body})

    def act(self, plan_id: str, act: str, *, tag: str | None = None, **body: Any) -> httpx.Response:
        headers = {"If_Match": tag} if tag else {}
        content = {"mode": "PERFORM", "effectiveOn": "2026-11-02", **body}
        return self.post(f"/v1/plans/{plan_id}/acts/{act}", content, **headers)


class Serving:
    """The API of a platform, and tokens for whoever is asked for."""

    def __init__(self, platform: Platform, http: TestClient, issuer: DevelopmentIssuer) -> None:
        self.platform = platform
        self.http = http
        self._issuer = issuer

    def as_(self, role: str, organisation: str, *, plan: str = "", contact: str = "") -> Caller:
        subject = f"{role}-of-{organisation}"
        principal = Principal(
            subject=subject, organisation=organisation, role=role, plan_id=plan, contact_id=contact
        )
        audience = self.platform.settings.base_url
        return Caller(self.http, self._issuer.issue(principal, audience=audience, now=int(time.time())))

    def officer(self, council: str = COUNCIL) -> Caller:
        return self.as_("case-officer", f"la:{council}")

    def manager(self, council: str = COUNCIL) -> Caller:
        return self.as_("send-manager", f"la:{council}")


@contextmanager
def serving(folder: Path) -> Iterator[Serving]:
    """Serve a new record in `folder`."""
    issuer = DevelopmentIssuer.ephemeral()
    settings = Settings(database_url=f"sqlite:///{folder}/record/record.sqlite")
    platform = open_platform(settings, trusted={ISSUER: issuer.public_keys()})
    with TestClient(create_app(platform), raise_server_exceptions=False) as http:
        yield Serving(platform, http, issuer)
