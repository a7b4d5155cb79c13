"""Access tokens of an issuer whose keys are fetched: changed keys, a slow or absent issuer, all over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from connectors.identity import fetched_keys
from services.settings import Settings
from tests.support.identity import AUDIENCE, Doors, ec_signer
from tests.support.provider import FictionalProvider, configured, fictional_provider


@pytest.fixture
def provider() -> Iterator[FictionalProvider]:
    with fictional_provider() as made:
        yield made


@pytest.fixture
def served(tmp_path: Path, provider: FictionalProvider) -> Iterator[Doors]:
    issuers = configured(tmp_path, {**provider.entry(), "accessTokens": {}})
    record = f"sqlite:///{tmp_path}/record/record.sqlite"
    settings = Settings(env="development", base_url=AUDIENCE, database_url=record, issuers=issuers)
    with closing(Doors(settings, [], [])) as made:
        yield made


def knock(served: Doors, provider: FictionalProvider, which: int = 0) -> int:
    signer = provider.signers[which]
    return served.read(signer.sign(signer.access_claims(), type_="at+jwt")).status_code


def test_keys_are_fetched_with_the_first_token_and_kept(served: Doors, provider: FictionalProvider) -> None:
    assert provider.fetches == 0
    assert [knock(served, provider) for _ in range(20)] == [200] * 20
    assert provider.fetches == 1
    provider.is_down = True
    assert knock(served, provider) == 200


def test_keys_are_changed_without_a_refused_token(
    served: Doors, provider: FictionalProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert knock(served, provider) == 200
    monkeypatch.setattr(fetched_keys, "PAUSE_SECONDS", 0)
    provider.signers.append(ec_signer(provider.base, "key-2"))
    assert knock(served, provider, 1) == 200
    assert knock(served, provider, 0) == 200
    del provider.signers[0]
    assert knock(served, provider) == 200


def test_an_issuer_that_is_down_from_the_beginning_brings_nothing_down(
    served: Doors, provider: FictionalProvider
) -> None:
    provider.is_down = True
    assert knock(served, provider) == 401
    assert served.http.get("/healthz").status_code == 200


def test_an_id_token_is_no_access_token(served: Doors, provider: FictionalProvider) -> None:
    assert served.read(provider.id_token("nonce")).status_code == 401
