"""Ways to forge or damage a signed token: each gives one that must be refused, whoever signed what it began as."""

from __future__ import annotations

import json
import time
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Callable
from typing import Any

from joserfc.jwk import ECKey, OKPKey

from tests.support.identity import Signer
from tests.trials.forger import Forger, b64


def _unsigned(forger: Forger) -> str:
    name = forger.dice.choice(("none", "None", "NONE", "nOnE", ""))
    token = forger.raw(forger.header(alg=name), forger.claims)
    return token.rpartition(".")[0] + "." if forger.dice.random() < 0.5 else token


def _public_key_as_secret(forger: Forger) -> str:
    public = forger.signer.key.as_dict(private=False)
    pem = forger.signer.key.as_pem(private=False)
    secrets = (
        pem, pem.strip(), forger.signer.key.as_der(private=False), json.dumps(public).encode(), b"",
        json.dumps({"keys": [public]}).encode(), urlsafe_b64decode(public.get("n", public.get("x")) + "=="),
    )  # fmt: skip
    return forger.hmac_signed(forger.dice.choice(secrets))


def _other_algorithm(forger: Forger) -> str:
    """Signed by the right key with an algorithm that isn't allowed, or says so without being it."""
    kind = forger.signer.key.key_type
    if kind == "RSA" and forger.dice.random() < 0.7:
        name = forger.dice.choice(("RS256", "RS384", "PS256", "PS384", "PS512"))
        return forger.raw(forger.header(alg=name), forger.claims, algorithm=name)
    names = {"RSA": ("ES256", "Ed25519", "EdDSA", "rs512"), "OKP": ("RS512", "ES256", "Ed448", "eddsa"),
             "EC": ("ES384", "ES512", "RS512", "ES256K", "EdDSA")}[kind]  # fmt: skip
    return forger.raw(forger.header(alg=forger.dice.choice(names)), forger.claims)


_CURVES: dict[str, Signer] = {}


def _wrong_curve(forger: Forger) -> str:
    if not _CURVES:
        _CURVES["Ed448"] = Signer("", OKPKey.generate_key("Ed448", {"kid": "x"}), "Ed448")
        _CURVES["ES384"] = Signer("", ECKey.generate_key("P-384", {"kid": "x"}), "ES384")
        _CURVES["ES512"] = Signer("", ECKey.generate_key("P-521", {"kid": "x"}), "ES512")
        _CURVES["ES256K"] = Signer("", ECKey.generate_key("secp256k1", {"kid": "x"}), "ES256K")
    name = forger.dice.choice(sorted(_CURVES))
    said = forger.dice.choice((name, "EdDSA", "ES256", forger.signer.algorithm))
    return forger.raw(forger.header(alg=said), forger.claims, by=_CURVES[name])


def _another_key(forger: Forger) -> str:
    return forger.raw(forger.header(), forger.claims, by=forger.stranger())


def _unknown_key(forger: Forger) -> str:
    odd = ("other", "", "../../../../dev/null", "' OR 1=1 --", "k" * 5_000, "ключ", "\x00", 1, None, ["rsa-1"], {}, ...)
    kid = forger.dice.choice(odd)
    return forger.raw(forger.header(kid=kid), forger.claims, by=forger.dice.choice((forger.signer, forger.stranger())))


def _own_key_in_header(forger: Forger) -> str:
    stranger = forger.stranger()
    public = stranger.key.as_dict(private=False)
    more = forger.dice.choice((
        {"jwk": public}, {"jku": "http://127.0.0.1:9/keys"}, {"x5u": "http://127.0.0.1:9/certificate"},
        {"x5c": ["MIIB"]}, {"jwk": public, "kid": "mine"}, {"jku": "file:///etc/passwd"},
    ))  # fmt: skip
    by = forger.dice.choice((stranger, forger.signer))
    return forger.raw(forger.header(**more), forger.claims, by=by)


def _critical(forger: Forger) -> str:
    more = forger.dice.choice((
        {"crit": ["exp"], "exp": 1}, {"crit": ["b64"], "b64": False}, {"b64": False}, {"b64": True}, {"crit": []},
        {"crit": ["x"], "x": 1}, {"zip": "DEF"}, {"enc": "A256GCM"}, {"crit": "b64"}, {"iss": "x"}, {"p2c": 2**31},
    ))  # fmt: skip
    return forger.raw(forger.header(**more), forger.claims)


def _nested(forger: Forger) -> str:
    inner = forger.right()
    return forger.dice.choice((
        lambda: forger.raw(forger.header(cty="JWT"), inner.encode()),
        lambda: forger.raw(forger.header(), inner.encode()),
        lambda: forger.raw(forger.header(cty="JWT"), forger.claims),
        lambda: forger.raw(forger.header(), {"jwt": inner}),
        lambda: forger.raw(forger.header(), inner),
        lambda: f"{inner}.{inner}",
        lambda: _encrypted(inner),
    ))()  # fmt: skip


def _encrypted(inner: str) -> str:
    """The form of a JWE (five parts) around a token."""
    parts = (b'{"alg":"dir","enc":"A256GCM","cty":"JWT"}', b"", b"0" * 12, inner.encode(), b"0" * 16)
    return ".".join(map(b64, parts))


def _expired(forger: Forger) -> str:
    now = int(time.time())
    ago = forger.dice.choice((31, 60, 3_600, 10**6, now))
    return forger.changed(exp=now - ago, iat=max(0, now - ago - 60))


def _future(forger: Forger) -> str:
    ahead = int(time.time()) + forger.dice.choice((60, 3_600, 10**8))
    claim = forger.dice.choice(("nbf", "iat"))
    return forger.changed(**{claim: ahead})


def _lasts_too_long(forger: Forger) -> str:
    return forger.changed(exp=int(time.time()) + forger.dice.choice((2 * 86_400, 10**9, 2**40, 2**63, 10**30)))


def _odd_times(forger: Forger) -> str:
    claim = forger.dice.choice(("exp", "exp", "nbf", "iat"))
    odd = [True, "soon", str(int(time.time()) + 60), -1, 1.5, None, [], {}, [int(time.time()) + 60]]
    value = forger.dice.choice([*odd, ...] if claim == "exp" else odd)
    if claim == "exp" and forger.dice.random() < 0.3:
        written = json.dumps({name: said for name, said in forger.claims.items() if name != "exp"})[:-1]
        number = forger.dice.choice(("1e400", "-0", "NaN", "Infinity", "9" * 5_000, "1e9999999", "0x7fffffff", "+5"))
        return forger.raw(forger.header(), f'{written},"exp":{number}}}'.encode())
    return forger.changed(**{claim: value})


def _wrong_audience(forger: Forger) -> str:
    own = forger.claims["aud"]
    odd = (
        "https://another.example", own + "/", own[:-1], own.upper(), "", ["https://another.example"], [[own]],
        {"aud": own}, 1, True, ..., None, f" {own}", own.replace("http", "https"), [None], f"{own}#x",
    )  # fmt: skip
    return forger.changed(aud=forger.dice.choice(odd))


def _wrong_issuer(forger: Forger) -> str:
    own = forger.claims["iss"]
    odd = ("urn:somebody-else", own + "/", own[:-1], [own], {"iss": own}, 1, None, ..., "", own + "\x00", f" {own}")
    return forger.changed(iss=forger.dice.choice((*odd, *(one.name for one in forger.strangers if one.name != own))))


def _wrong_subject(forger: Forger) -> str:
    return forger.changed(
        sub=forger.dice.choice(("", ..., 1, None, [], {}, True, "a\x00b", "a\nb", "x" * 300, "\u202e"))
    )


def _repeated_names(forger: Forger) -> str:
    name = forger.dice.choice(sorted(forger.claims))
    written = json.dumps(forger.claims)
    twice = f"{written[:-1]},{json.dumps(name)}:{json.dumps(forger.claims[name])}}}"
    if forger.dice.random() < 0.3:
        header = json.dumps(forger.header())
        return forger.raw(f'{header[:-1]},"alg":"none"}}'.encode(), forger.claims)
    if forger.dice.random() < 0.3:
        twice = f'{written[:-1]},"\\u{ord(name[0]):04x}{name[1:]}":"other"}}'
    return forger.raw(forger.header(), twice.encode())


def _wrong_types(forger: Forger) -> str:
    odd: tuple[Any, ...] = ([], "text", 1, None, True, {}, [forger.claims], b"", b"{", b"{}{}", b"null", b"[" * 3_000)
    if forger.dice.random() < 0.5:
        return forger.raw(forger.dice.choice(odd), forger.claims)
    return forger.raw(forger.header(), forger.dice.choice(odd))


def _odd_header_values(forger: Forger) -> str:
    name = forger.dice.choice(("alg", "typ"))
    odd = (1, None, [], {}, [forger.signer.algorithm], True, "", "id+jwt", "logout+jwt", "logout+jwt2", "\uff4awt")
    value = forger.dice.choice([one for one in odd if one != forger.type])
    return forger.raw(forger.header(**{name: value}), forger.claims)


def _odd_text(forger: Forger) -> str:
    written = json.dumps(forger.claims).encode()
    return forger.raw(forger.header(), forger.dice.choice((
        b"\xef\xbb\xbf" + written, written.decode().encode("utf-16"), written[:-1] + b',"name":"\xff\xfe"}',
        written[:-1] + b',"name":"\\ud800"}', written[:-1] + b',"\\ud800":1}', written[:-1] + b',"name":"\x01"}',
        written[:-1] + b',"name":"\xed\xa0\x80"}', written + b"\x00", written.replace(b'"', b"'"), b"\x00" * 40,
    )))  # fmt: skip


def _oversized(forger: Forger) -> str:
    size = forger.dice.choice((9_000, 20_000, 60_000))
    deep = "[" * (size // 10) + "]" * (size // 10)
    return forger.dice.choice((
        lambda: forger.changed(filling="x" * size),
        lambda: forger.raw(forger.header(filling="x" * size), forger.claims),
        lambda: forger.raw(forger.header(kid="x" * size), forger.claims),
        lambda: forger.raw(forger.header(), f'{json.dumps(forger.claims)[:-1]},"deep":{deep}}}'.encode()),
        lambda: forger.right() + "A" * size,
        lambda: "." * size,
        lambda: "A" * size,
    ))()  # fmt: skip


def _truncated(forger: Forger) -> str:
    token = forger.right()
    return token[: forger.dice.randrange(1, len(token))]


def _one_bit(forger: Forger) -> str:
    """One bit of what is encoded, or of how it is encoded."""
    token = forger.right()
    if forger.dice.random() < 0.5:
        parts = token.split(".")
        which = forger.dice.randrange(3)
        content = bytearray(urlsafe_b64decode(parts[which] + "=="))
        content[forger.dice.randrange(len(content))] ^= 1 << forger.dice.randrange(8)
        parts[which] = b64(bytes(content))
        return ".".join(parts)
    place = forger.dice.randrange(len(token))
    return token[:place] + chr(ord(token[place]) ^ (1 << forger.dice.randrange(7))) + token[place + 1 :]


def _one_character(forger: Forger) -> str:
    token = forger.right()
    place = forger.dice.randrange(1, len(token) - 1)
    more = forger.dice.choice("=+/.-_ AZaz09\u00e9\u0430")
    return forger.dice.choice((token[:place] + token[place + 1 :], token[:place] + more + token[place:]))


def _spelled_otherwise(forger: Forger) -> str:
    """The same bytes in another spelling of base64: no two texts may be one token."""
    token = forger.right()
    parts = token.split(".")
    which = forger.dice.choice((0, 1, 2, 2))  # the signature's spelling alone is not itself signed
    content = urlsafe_b64decode(parts[which] + "==")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    loose = len(content) % 3 and alphabet[alphabet.index(parts[which][-1]) | 1]
    options = [parts[which] + "=" * n for n in (1, 2, 3)] + [b64encode(content).decode() + "="]
    if loose and loose != parts[which][-1]:
        options += [parts[which][:-1] + loose] * 4
    parts[which] = forger.dice.choice(options)
    return ".".join(parts)


def _parts_moved(forger: Forger) -> str:
    token, other = forger.right(), forger.changed(sub="another")
    header, claims, signature = token.split(".")
    return forger.dice.choice((
        f"{claims}.{header}.{signature}", f"{header}.{claims}.", f"{header}..{signature}", f".{claims}.{signature}",
        f"{header}.{claims}", header, "..", ".", f"{header}.{claims}.{signature}.{signature}",
        f"{header}.{claims}.{other.split('.')[2]}", f"{header}.{other.split('.')[1]}.{signature}",
        json.dumps({"payload": claims, "protected": header, "signature": signature}),
        json.dumps({"payload": claims, "signatures": [{"protected": header, "signature": signature}]}),
    ))  # fmt: skip


def _odd_signature(forger: Forger) -> str:
    signed, _, signature = forger.right().rpartition(".")
    size = len(urlsafe_b64decode(signature + "=="))
    odd = (
        b64(bytes(size)), b64(b"\xff" * size), b64(forger.dice.randbytes(size)), b64(bytes(size - 1)), b64(b"0"),
        b64(bytes(size + 1)), signature + signature, b64(bytes.fromhex("3006020101020101")),
    )  # fmt: skip
    return f"{signed}.{forger.dice.choice(odd)}"


#: What may be done to any signed token, by name.
COMMON: dict[str, Callable[[Forger], str]] = {
    "unsigned": _unsigned,
    "public key as secret": _public_key_as_secret,
    "another algorithm": _other_algorithm,
    "wrong curve": _wrong_curve,
    "another key": _another_key,
    "unknown key id": _unknown_key,
    "its own key in the header": _own_key_in_header,
    "critical or unknown header": _critical,
    "nested": _nested,
    "expired": _expired,
    "from the future": _future,
    "lasts too long": _lasts_too_long,
    "odd times": _odd_times,
    "wrong audience": _wrong_audience,
    "wrong issuer": _wrong_issuer,
    "wrong subject": _wrong_subject,
    "repeated names": _repeated_names,
    "wrong types": _wrong_types,
    "odd header values": _odd_header_values,
    "odd text": _odd_text,
    "oversized": _oversized,
    "truncated": _truncated,
    "one bit": _one_bit,
    "one character": _one_character,
    "spelled otherwise": _spelled_otherwise,
    "parts moved": _parts_moved,
    "odd signature": _odd_signature,
}
