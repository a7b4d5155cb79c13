"""Is any forged or damaged token accepted, does any bring the platform down, does any get another answer than the rest?

    python -m tests.trials.forged_tokens --seed N --rounds M

Each round sends one forged bearer token, one right token where none counts, one forged client assertion and one forged
logout token, of every kind in turn (those below and of the modules of forgeries beside this one). A
bearer token must get the one answer 401 that every other gets, an assertion the one of its error code of RFC 6749, a
logout token the one answer 400. In between right ones must be accepted, so that the doors are not simply shut, and now
and then the platform is started anew: what was used before is still used. Prints one line of JSON; exits 1 when
anything was accepted, answered with 5xx or answered differently.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import httpx

from connectors.identity.token_endpoint import ASSERTION_TYPE
from tests.support.identity import AUDIENCE, TOKEN_URL, Doors, Signer, doors, ec_signer, ed_signer, rsa_signer
from tests.trials.forger import Forger
from tests.trials.forgeries import COMMON
from tests.trials.forgeries_of_logout import LOGOUT, LOGOUT_TYPE
from tests.trials.subtle_forgeries import SUBTLE

#: Right tokens are tried once in so many rounds.
BETWEEN = 10
#: The platform is started anew once in so many rounds.
RESTARTED = 100


def _party(forger: Forger) -> str:
    """A role or organisation that no issuer may state."""
    name, odd = forger.dice.choice((
        ("role", ("minister", "", ..., 1, ["case-officer"], "Case-Officer", "case-officer ", "\u0441ase-officer", {})),
        ("org", ("", ..., 1, ["la:855"], "l\u0430:855", "la:855 ", "la:855\x00", "la: 855", "x" * 200, {}, ":")),
    ))  # fmt: skip
    return forger.changed(**{name: forger.dice.choice(odd)})


def _bound(forger: Forger) -> str:
    """Bound to a certificate or key that the connection doesn't show."""
    odd = (
        {"x5t#S256": "A" * 43},
        {"jkt": "A" * 43},
        {"x5t#S256": None},
        {},
        "x",
        None,
        [],
        {"x5t#S256": "A", "kid": "k"},
    )
    return forger.changed(cnf=forger.dice.choice(odd))


def _no_access_token(forger: Forger) -> str:
    """A right signature on something that isn't an access token."""
    if forger.dice.random() < 0.5:
        return forger.raw(
            forger.header(typ=forger.dice.choice(("logout+jwt", "secevent+jwt", "id+jwt"))), forger.claims
        )
    return forger.changed(aud=TOKEN_URL, nonce="n")


BEARER: dict[str, Callable[[Forger], str]] = {
    **COMMON,
    **SUBTLE,
    "party that isn't possible": _party,
    "bound to another": _bound,
    "not an access token": _no_access_token,
}


def _odd_jti(forger: Forger) -> str:
    return forger.changed(jti=forger.dice.choice((..., "", 1, None, [], "x" * 129, "a b", "é", "a\x00", {}, True)))


def _too_far_ahead(forger: Forger) -> str:
    return forger.changed(exp=int(time.time()) + forger.dice.choice((310, 600, 3_600)))


def _of_another(forger: Forger) -> str:
    """Says that it is another client than the one whose key signs."""
    other = forger.dice.choice([one for one in forger.strangers if one.name != forger.signer.name])
    return forger.changed(**forger.dice.choice(({"sub": other.name}, {"iss": other.name, "sub": other.name})))


def _audiences(forger: Forger) -> str:
    return forger.changed(aud=forger.dice.choice((AUDIENCE, [TOKEN_URL, AUDIENCE], [TOKEN_URL, TOKEN_URL], [])))


ASSERTION: dict[str, Callable[[Forger], str]] = {
    **COMMON,
    **SUBTLE,
    "odd jti": _odd_jti,
    "too far ahead": _too_far_ahead,
    "of another client": _of_another,
    "several audiences": _audiences,
}


@dataclass
class Outcome:
    """What was sent and how it was answered."""

    sent: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    accepted: int = 0
    violations: list[str] = field(default_factory=list)

    def summary(self, seed: int, rounds: int) -> str:
        """One line of JSON."""
        found = {
            "trial": "forged-tokens",
            "seed": seed,
            "rounds": rounds,
            "forged": sum(self.sent.values()),
            "kinds": len(self.sent),
            "fewestOfAKind": min(self.sent.values(), default=0),
            "answers": dict(sorted(self.answers.items())),
            "rightOnesAccepted": self.accepted,
            "violations": self.violations[:20],
        }
        return json.dumps(found)


class Trial:
    """One run against one platform."""

    def __init__(self, served: Doors, expired: Signer, seed: int) -> None:
        self.doors = served
        self.dice = random.Random(seed)
        self.outcome = Outcome()
        self.expired = expired
        self.strangers = [rsa_signer("stranger"), ed_signer("stranger-2", "ed-1"), ec_signer("stranger-3", "ec-1")]
        self.known: dict[str, tuple[bytes, str]] = {}
        self.used: list[str] = []
        self.signed_out: list[str] = []

    def round(self, number: int) -> None:
        """One forged token of each purpose; sometimes right ones."""
        self._bearer(number)
        self._assertion(number)
        self._logout(number)
        if number % BETWEEN == 0:
            self._right_ones()
        if number % RESTARTED == RESTARTED // 2:
            self._after_a_restart()

    def _bearer(self, number: int) -> None:
        signer = self.dice.choice(self.doors.issuers)
        others = [*self.strangers, *(one for one in self.doors.issuers if one is not signer)]
        forger = Forger(self.dice, signer, signer.access_claims(), others)
        kind = list(BEARER)[number % len(BEARER)]
        self._judge(f"bearer: {kind}", self.doors.read(BEARER[kind](forger)), {401})
        self._judge("no bearer: misplaced", self._misplaced(forger.right()), {401})

    def _assertion(self, number: int) -> None:
        client = self.dice.choice(self.doors.clients)
        others = [*self.strangers, *(one for one in self.doors.clients if one is not client)]
        forger = Forger(self.dice, client, client.assertion_claims(), others)
        more = ("replayed", "inactive client", "odd form", "a bearer token")
        kind = [*ASSERTION, *more][number % (len(ASSERTION) + len(more))]
        match kind:
            case "replayed":
                answer = self._replayed(client)
            case "inactive client":
                answer = self.doors.ask(self.expired.sign(self.expired.assertion_claims()))
            case "odd form":
                answer = self._odd_form(forger.right())
            case "a bearer token":
                issuer = self.dice.choice(self.doors.issuers)
                answer = self.doors.ask(issuer.sign(issuer.access_claims(), type_="at+jwt"))
            case _:
                answer = self.doors.ask(ASSERTION[kind](forger))
        self._judge(f"assertion: {kind}", answer, {400, 401})

    def _logout(self, number: int) -> None:
        signer = self.dice.choice(self.doors.issuers)
        others = [*self.strangers, *(one for one in self.doors.issuers if one is not signer)]
        forger = Forger(self.dice, signer, signer.logout_claims(), others, LOGOUT_TYPE)
        kind = [*LOGOUT, "replayed"][number % (len(LOGOUT) + 1)]
        answer = self._said_again(signer) if kind == "replayed" else self.doors.sign_out(LOGOUT[kind](forger))
        self._judge(f"logout: {kind}", answer, {400})

    def _said_again(self, provider: Signer) -> httpx.Response:
        """The same logout token again, or another with its jti."""
        claims = provider.logout_claims()
        first = provider.sign(claims, type_=LOGOUT_TYPE)
        if self.doors.sign_out(first).status_code != 200:
            self.outcome.violations.append("a right logout token was refused before its replay")
        self.signed_out.append(first)
        again = {**claims, "sub": "person-2"}
        return self.doors.sign_out(self.dice.choice((first, provider.sign(again, type_=LOGOUT_TYPE))))

    def _replayed(self, client: Signer) -> httpx.Response:
        """The same assertion again, or another with its jti."""
        claims = client.assertion_claims()
        first = client.sign(claims)
        if self.doors.ask(first).status_code != 200:
            self.outcome.violations.append("a right assertion was refused before its replay")
        self.used.append(first)
        return self.doors.ask(self.dice.choice((first, client.sign({**claims, "exp": claims["exp"] - 5}))))

    def _after_a_restart(self) -> None:
        """Start the platform anew: what was used before it isn't taken again, and the doors are open."""
        self.doors.restart()
        for assertion in self.used:
            self._judge("assertion: replayed after a restart", self.doors.ask(assertion), {400, 401})
        for token in self.signed_out:
            self._judge("logout: replayed after a restart", self.doors.sign_out(token), {400})
        self.used.clear()
        self.signed_out.clear()
        self._right_ones()

    def _misplaced(self, token: str) -> httpx.Response:
        """A right token where no token counts."""
        path, headers, cookies = self.dice.choice((
            (f"?access_token={token}", {}, {}), ("", {"X-Access-Token": token}, {}), ("", {"Authorization": token}, {}),
            ("", {"Authorization": f"Basic {token}"}, {}), ("", {"Authorization": f"DPoP {token}"}, {}),
            ("", {"Authorization": f"Bearer{token}"}, {}), ("", {"Proxy-Authorization": f"Bearer {token}"}, {}),
            ("", {}, {"access_token": token, "__Host-ehcp-session": token}),
        ))  # fmt: skip
        said = {**headers, "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        answer: httpx.Response = self.doors.http.get(f"/v1/plans{path}", headers=said)
        return answer

    def _odd_form(self, assertion: str) -> httpx.Response:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
        }
        right = urlencode(form)
        kind = "application/x-www-form-urlencoded"
        content, media_type = self.dice.choice((
            (f"{right}&grant_type=client_credentials", kind), (f"{right}&client_assertion={assertion}", kind),
            (f"{right}&scope=everything", kind), (f"{right}&username=x&password=y", kind), ("", kind), ("&" * 99, kind),
            (right.replace("client_credentials", "password"), kind), (right.replace("jwt-bearer", "saml2"), kind),
            (json.dumps(form), "application/json"), (right, "text/plain"), (right + "&x=" + "y" * 70_000, kind),
            (f"{right}&client_id=somebody-else", kind), ("grant_type=%FF%FE", kind), ("\ufffd=1", kind),
            ("grant_type=client_credentials", kind),
            (f"grant_type=client_credentials&client_assertion={assertion}", kind),
        ))  # fmt: skip
        answer: httpx.Response = self.doors.http.post(
            "/oauth2/token", content=content.encode(), headers={"Content-Type": media_type}
        )
        return answer

    def _judge(self, what: str, answer: httpx.Response, allowed: set[int]) -> None:
        self.outcome.sent[what] += 1
        if answer.status_code not in allowed:
            self.outcome.violations.append(f"{what}: {answer.status_code}")
            return
        group = what.partition(":")[0] + f" {answer.status_code}"
        if group.startswith("assertion"):
            group += f" {answer.json().get('error')}"
        self.outcome.answers[group] += 1
        said = (answer.content, answer.headers.get("WWW-Authenticate", ""))
        if self.known.setdefault(group, said) != said:
            self.outcome.violations.append(f"{what}: another answer")

    def _right_ones(self) -> None:
        for issuer in self.doors.issuers:
            self._accepted("a right token", self.doors.read(issuer.sign(issuer.access_claims(), type_="at+jwt")))
            right = issuer.sign(issuer.logout_claims(), type_=LOGOUT_TYPE)
            self._accepted("a right logout token", self.doors.sign_out(right))
        for client in self.doors.clients:
            answer = self.doors.ask(client.sign(client.assertion_claims()))
            self._accepted("a right assertion", answer)
            if answer.status_code == 200:
                self._accepted("its token", self.doors.read(answer.json()["access_token"]))

    def _accepted(self, what: str, answer: httpx.Response) -> None:
        # A health body's system is known and has no worklist of a council: 403 is said to whom one knows.
        if answer.status_code in (200, 403):
            self.outcome.accepted += 1
        else:
            self.outcome.violations.append(f"{what} was refused with {answer.status_code}")


def run(seed: int, rounds: int) -> Outcome:
    """Do the rounds; what was found."""
    expired = ed_signer("retired-system")
    with tempfile.TemporaryDirectory() as folder, doors(Path(folder), expired=expired) as served:
        trial = Trial(served, expired, seed)
        for number in range(rounds):
            trial.round(number)
    return trial.outcome


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the trial and print what it found; 1 when something is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=500)
    asked = parser.parse_args(arguments)
    outcome = run(asked.seed, asked.rounds)
    print(outcome.summary(asked.seed, asked.rounds))
    return 1 if outcome.violations else 0


if __name__ == "__main__":
    sys.exit(main())
