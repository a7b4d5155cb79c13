"""The API of a process elsewhere, for the same callers that a platform in this process is tested by.

Whoever calls is patient: what isn't answered is sent again as it was, under its Idempotency-Key, until it is.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from connectors.identity.development import DevelopmentIssuer
from connectors.identity.tokens import Principal
from tests.support.serving import COUNCIL, Caller, Clock

#: How long a caller goes on, and how long they wait for one answer, in seconds.
PATIENCE, ANSWER = 120.0, 30.0


class Patient(httpx.BaseTransport):
    """Sends a request until it is answered; a server that dies or isn't ready answers nothing."""

    def __init__(self) -> None:
        self._wire = httpx.HTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                answer = self._wire.handle_request(request)
                answer.read()
            except httpx.TransportError:
                if time.monotonic() > until:
                    raise
            else:
                if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or time.monotonic() > until:
                    return answer
            time.sleep(0.1)

    def close(self) -> None:
        self._wire.close()


class Remote:
    """An address, and tokens for whoever is asked for."""

    def __init__(self, http: httpx.Client, address: str, issuer: DevelopmentIssuer, day: str) -> None:
        self.http = http
        self.address = address
        self.issuer = issuer
        self.clock = Clock(day)

    def as_(self, role: str, organisation: str, *, plan: str = "", contact: str = "", name: str = "") -> Caller:
        subject = name or f"{role}-of-{organisation}"
        principal = Principal(subject=subject, organisation=organisation, role=role, plan_id=plan, contact_id=contact)
        token = self.issuer.issue(principal, audience=self.address, now=int(time.time()))
        return Caller(self.http, token, self.clock, principal)

    def officer(self, council: str = COUNCIL) -> Caller:
        return self.as_("case-officer", f"la:{council}")

    def manager(self, council: str = COUNCIL) -> Caller:
        return self.as_("send-manager", f"la:{council}")


@contextmanager
def remote(address: str, issuer: DevelopmentIssuer, day: str, *, patient: bool = True) -> Iterator[Remote]:
    """Callers of the API at an address, on a civil date that stands. Who isn't patient asks once."""
    transport = Patient() if patient else httpx.HTTPTransport()
    with httpx.Client(base_url=address, transport=transport, timeout=ANSWER) as http:
        yield Remote(http, address, issuer, day)
