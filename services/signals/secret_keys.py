"""The index keys that webhooks' secrets are sealed under: which sealed how many, and sealing them anew."""

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import select, update

from services.signals.database import SignalDatabase
from services.signals.subscribed import Secrets, Subscription, found
from services.signals.tables import subscriptions
from services.store.blind_index import BlindIndex


class SecretKeys:
    """The sealed secrets of webhooks, by the index key that their sealing key is derived from."""

    def __init__(self, database: SignalDatabase, index: BlindIndex) -> None:
        """`index` opens and seals them."""
        self._database = database
        self._index = index
        self._secrets = Secrets(index)

    def rows(self) -> dict[int, int]:
        """How many subscriptions' secrets each key seals."""
        return dict(Counter(number for _, number in self._sealed()))

    def lack(self) -> bool:
        """Whether secrets are sealed under another key than the newest."""
        return any(number != self._index.accepted[0] for _, number in self._sealed())

    def write_anew(self) -> int:
        """Seal under the newest key what another seals; what was exchanged meanwhile is left as it is. How many."""
        done = 0
        for one, number in self._sealed():
            if number != self._index.accepted[0]:
                sealed = self._secrets.seal(one.id, self._secrets.open(one))
                same = (subscriptions.c.id == one.id, subscriptions.c.sealed == one.sealed)
                with self._database.writing() as connection:
                    done += connection.execute(update(subscriptions).where(*same).values(sealed=sealed)).rowcount
        return done

    def _sealed(self) -> Iterator[tuple[Subscription, int]]:
        with self._database.reading() as connection:
            ids = list(connection.scalars(select(subscriptions.c.id).where(subscriptions.c.sealed.is_not(None))))
            kept = [one for id_ in ids for one in found(connection, id=id_)]
        for one in kept:
            if (number := self._secrets.made_with(one)) is not None:
                yield one, number
