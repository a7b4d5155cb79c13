"""Forgeries that differ from a right token in its signature's form, its header's spelling or where it is put."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from tests.trials.forger import Forger, b64

#: The order of the group of Ed25519 (RFC 8032): S and S + L would verify alike where it isn't looked at.
ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493


def _same_signature_written_otherwise(forger: Forger) -> str:
    """The right signature as another text or number, which a lenient reader takes for the same."""
    signed, _, text = forger.right().rpartition(".")
    signature = urlsafe_b64decode(text + "==")
    half = len(signature) // 2
    beyond = int.from_bytes(signature[half:], "little") + ED25519_ORDER
    forms = [signature + b"\x00", b"\x00" + signature, signature[::-1]]
    match forger.signer.key.key_type:
        case "OKP":
            forms += [signature[:half] + beyond.to_bytes(half, "little")]
        case "EC":
            forms += [encode_dss_signature(int.from_bytes(signature[:half]), int.from_bytes(signature[half:]))]
            forms += [signature[:half].rjust(half + 1, b"\x00") + signature[half:].rjust(half + 1, b"\x00")]
    return f"{signed}.{b64(forger.dice.choice(forms))}"


def _secret_from_public_text(forger: Forger) -> str:
    """A shared secret made of what anybody can read, under the name of the right algorithm or of a shared one."""
    public = forger.signer.key.as_dict(private=False)
    text = str(public.get("n", public.get("x")))
    secrets = (text, text + "=", forger.signer.kid, forger.signer.name, forger.claims["aud"], json.dumps([public]))
    name = forger.dice.choice((forger.signer.algorithm, "HS256", "HS512", "hs256"))
    signed = f"{b64(json.dumps(forger.header(alg=name)).encode())}.{b64(json.dumps(forger.claims).encode())}"
    size = forger.dice.choice(("sha256", "sha512"))
    secret = str(forger.dice.choice(secrets)).encode()
    return f"{signed}.{b64(hmac.digest(secret, signed.encode(), getattr(hashlib, size)))}"


def _header_said_twice(forger: Forger) -> str:
    """A member of the header twice, or under a name that only looks like its own."""
    header = json.dumps(forger.header())
    name, value = forger.dice.choice(sorted(forger.header().items()))
    more = forger.dice.choice((
        f'"{name}":{json.dumps(value)}', f'"{name}":"none"', f'"\\u{ord(name[0]):04x}{name[1:]}":{json.dumps(value)}',
        f'"{name.upper()}":{json.dumps(value)}', f'"{name} ":"x"', f'"{name}\\u0000":"x"', '"":"x"',
    ))  # fmt: skip
    written = forger.dice.choice((f"{header[:-1]},{more}}}", f"{{{more},{header[1:]}"))
    return forger.raw(written.encode(), forger.claims)


def _payload_as_it_is(forger: Forger) -> str:
    """RFC 7797: a payload that isn't encoded, or is left out."""
    header = b64(json.dumps(forger.header(b64=False, crit=["b64"])).encode())
    payload = json.dumps(forger.claims)
    signature = forger.right().rpartition(".")[2]
    return forger.dice.choice((f"{header}.{payload}.{signature}", f"{header}..{signature}"))


def _odd_key_id(forger: Forger) -> str:
    """The id of the key as a path, a query, an address, a list of ids, or with something around it."""
    own = forger.signer.kid
    odd = (
        f"../{own}", f"{own}/../{own}", f"file:///{own}", f"https://keys.example/{own}", f"{own}' OR '1'='1",
        f"{own}\x00", f" {own}", f"{own}\n", f"{own},{own}", "*", "%00", f"{own}%20", own.upper(), {"kid": own}, [own],
        [own, own], True, 0,
    )  # fmt: skip
    return forger.raw(forger.header(kid=forger.dice.choice(odd)), forger.claims)


def _spaced(forger: Forger) -> str:
    """White space and line ends where base64 readers have passed over them."""
    header, claims, signature = forger.right().split(".")
    gap = forger.dice.choice(("%20", "%0A", "\t", " ", "\x0b", "\x0c", "\u00a0", "\u200b", "\ufeff"))
    return forger.dice.choice((
        f"{header}{gap}.{claims}.{signature}", f"{header}.{gap}{claims}.{signature}",
        f"{header}.{claims}.{gap}{signature}",
        f"{header[:5]}{gap}{header[5:]}.{claims}.{signature}", f"{header}.{claims}.{signature[:7]}{gap}{signature[7:]}",
    ))  # fmt: skip


#: What may be done to any signed token, by name.
SUBTLE: dict[str, Callable[[Forger], str]] = {
    "same signature written otherwise": _same_signature_written_otherwise,
    "secret from public text": _secret_from_public_text,
    "header said twice": _header_said_twice,
    "payload as it is": _payload_as_it_is,
    "odd key id": _odd_key_id,
    "spaced": _spaced,
}
