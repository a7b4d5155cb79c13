"""Which keys of a set count: never one that proves nothing about who signed."""

from __future__ import annotations

from base64 import urlsafe_b64encode

import pytest
from joserfc.jwk import OKPKey, RSAKey

from connectors.identity.jws import TokenRefused, read, verify
from connectors.identity.keys import KeyRing, KeysUnusable, public_keys


def b64(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def okp(point: bytes) -> dict[str, str]:
    return {"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": b64(point)}


#: Every encoding of a point whose order divides 8, canonical or not, with either sign.
SMALL_ORDER = [
    bytes.fromhex(y)[:31] + bytes([bytes.fromhex(y)[31] | sign])
    for y in (
        "00" * 32, "01" + "00" * 31, "ec" + "ff" * 30 + "7f", "ed" + "ff" * 30 + "7f", "ee" + "ff" * 30 + "7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    )
    for sign in (0, 0x80)
]  # fmt: skip


@pytest.mark.parametrize("point", SMALL_ORDER, ids=bytes.hex)
def test_a_point_of_small_order_is_no_key(point: bytes) -> None:
    good = OKPKey.generate_key("Ed25519", {"kid": "good"}).as_dict(private=False)
    assert [key.kid for key in public_keys({"keys": [okp(point), good]}).keys] == ["good"]
    with pytest.raises(KeysUnusable):
        public_keys({"keys": [okp(point)]})


def test_under_such_a_key_one_signature_would_fit_every_text() -> None:
    point = b"\x01" + bytes(31)
    ring = KeyRing((OKPKey.import_key(okp(point)),))
    for text in (b'{"sub":"a"}', b'{"sub":"b"}'):
        header = b64(b'{"alg":"Ed25519","kid":"k"}')
        assert verify(read(f"{header}.{b64(text)}.{b64(point + bytes(32))}"), ring, ["Ed25519"])
        with pytest.raises((KeysUnusable, TokenRefused)):
            verify(
                read(f"{header}.{b64(text)}.{b64(point + bytes(32))}"), public_keys({"keys": [okp(point)]}), ["Ed25519"]
            )


@pytest.mark.parametrize("exponent", ["AQ", "Ag", "AA", ""])
def test_an_rsa_key_whose_signatures_anybody_can_make_is_no_key(exponent: str) -> None:
    stated = RSAKey.generate_key(3072, {"kid": "k"}).as_dict(private=False)
    with pytest.raises(KeysUnusable):
        public_keys({"keys": [{**stated, "e": exponent}]})
    assert public_keys({"keys": [stated]})


@pytest.mark.parametrize("point", ["", "!", 7, None, "AAAA", "\u00e9"])
def test_what_is_no_point_at_all_is_no_key(point: object) -> None:
    with pytest.raises(KeysUnusable):
        public_keys({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": point}]})
