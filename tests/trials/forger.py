"""Whoever forges: has what it takes to sign, and no respect for what ought to be signed."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
from base64 import urlsafe_b64encode
from typing import Any

from joserfc.jws import JWSRegistry

from tests.support.identity import Signer

Claims = dict[str, Any]


def b64(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


class Forger:
    """Has a right token's claims and its signer's keys, and may do as it likes with them."""

    def __init__(
        self, dice: random.Random, signer: Signer, claims: Claims, strangers: list[Signer], type_: str = "JWT"
    ) -> None:
        self.type = type_
        self.dice = dice
        self.signer = signer
        self.claims = claims
        self.strangers = strangers

    def header(self, **changed: Any) -> Claims:
        said = {"alg": self.signer.algorithm, "kid": self.signer.kid, "typ": self.type, **changed}
        return {name: value for name, value in said.items() if value is not ...}

    def right(self) -> str:
        """A token that would be accepted."""
        return self.raw(self.header(), self.claims)

    def raw(self, header: Any, claims: Any, *, by: Signer | None = None, algorithm: str = "") -> str:
        """Anything at all under a signature of the signer's own key (or another's)."""
        signer = by or self.signer
        parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, claims)]
        signed = ".".join(map(b64, parts))
        name = algorithm or signer.algorithm
        return f"{signed}.{b64(JWSRegistry.algorithms[name].sign(signed.encode(), signer.key))}"

    def changed(self, **claims: Any) -> str:
        """A token under the right signature that says something else; `...` leaves a claim out."""
        said = {name: value for name, value in {**self.claims, **claims}.items() if value is not ...}
        return self.raw(self.header(), said)

    def hmac_signed(self, secret: bytes) -> str:
        size = self.dice.choice((256, 384, 512))
        signed = f"{b64(json.dumps(self.header(alg=f'HS{size}')).encode())}.{b64(json.dumps(self.claims).encode())}"
        return f"{signed}.{b64(hmac.digest(secret, signed.encode(), getattr(hashlib, f'sha{size}')))}"

    def stranger(self) -> Signer:
        """Another key of the same kind."""
        return next(one for one in self.strangers if one.algorithm == self.signer.algorithm)
