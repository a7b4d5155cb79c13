"""`ehcp keys rotate-index`: exchanging the key by which identifiers and names are found, without a pause."""

import time
from typing import Final

from services.bootstrap import NOT_FIT, Platform, open_platform
from services.cli.session import load_settings
from services.cli.talk import MISUSE, say, stop
from services.keyrings import open_keyring
from services.record_at_rest import has_record, record_at_rest
from services.settings import Settings
from services.store.blind_index import key_name
from services.store.errors import StoreError, StoreOwnedElsewhere
from services.store.index_keys import IndexKey, adopted_keys, rows_by_key
from services.store.keyring import INDEX, name_of, number_of

_LOOK_SECONDS: Final = 0.5


def rotate_index() -> None:
    """Make a new index key and write everything anew under it. Can be stopped at any time; run it again to go on."""
    settings = load_settings()
    try:
        platform = open_platform(settings)
    except StoreOwnedElsewhere:
        _leave_it_to_the_server(settings)
        return
    except NOT_FIT as error:
        stop(str(error), MISUSE)
    try:
        _rotate(platform)
    except StoreError as fault:
        stop(f"{fault}. What was done stays done; run `ehcp keys rotate-index` to go on.")
    finally:
        platform.close()


def rows_made(settings: Settings, platform: Platform | None) -> dict[str, dict[str, int]]:
    """What each index key has made, by the key's id and the kind of row; read beside a server that owns the file."""
    if platform is not None:
        return {use.key_id: use.rows for use in platform.index_rotation.usage(platform.keyring)}
    with record_at_rest(settings) as connection:
        return {key_name(number): rows for number, rows in rows_by_key(connection).items()}


def index_keys_adopted(settings: Settings) -> tuple[IndexKey, ...]:
    """The index keys that were ever adopted, read beside whoever has the record; none where there is no record yet."""
    if not has_record(settings):
        return ()
    with record_at_rest(settings) as connection:
        return adopted_keys(connection)


def _rotate(platform: Platform) -> None:
    rotation = platform.index_rotation
    key_id = rotation.begin(platform.keyring)
    say(f"{key_id} makes blind indexes from now on, beside the one before; other processes hear of it in a second.")
    done = rotation.write_anew()
    say(f"The identifiers of {done:,} plans were written anew. The names follow with the worklist.")
    while not rotation.is_whole():
        time.sleep(_LOOK_SECONDS)
        rotation.write_anew()
    say("Everything is found by it. Destroy the one before in 30 days, or --at-once: `ehcp keys destroy`.")


def _leave_it_to_the_server(settings: Settings) -> None:
    adopted = index_keys_adopted(settings)
    keyring = open_keyring(settings)
    try:
        held = [number_of(info.key_id) for info in keyring.all_keys() if name_of(info.key_id) == INDEX]
        counting = [key.number for key in adopted if key.retired is None]
        if len(counting) == 1 and max(held, default=0) <= counting[0]:
            keyring.new_index_key()
    finally:
        keyring.close()
    say("The server that has the record takes the new key up within half a minute, and writes everything anew.")
    say("`ehcp keys list` shows how far it is.")
