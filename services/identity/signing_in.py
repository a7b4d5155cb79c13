"""From a click on "sign in" to a session: the provider's part, the family's invitation, and each attempt once."""

from collections.abc import Mapping

from msgspec import Struct, structs

from connectors.identity.assertions import SingleUse
from connectors.identity.logout_token import SignedOut, signed_out
from connectors.identity.principal import Principal
from connectors.identity.provider import Provider
from connectors.identity.sign_in import Attempt, Person, SignInFailed, address_of, attempt, farewell, finish
from services.identity.attempts import ATTEMPT_SECONDS, Attempts
from services.identity.sessions import Session, Sessions, person_of
from services.store.family_links import FamilyLinks


class SigningIn(Struct, frozen=True, kw_only=True):
    """Where people can sign in, and how it goes."""

    providers: Mapping[str, Provider]
    attempts: Attempts
    once: SingleUse
    sessions: Sessions
    families: FamilyLinks
    base_url: str

    @property
    def callback(self) -> str:
        """The address that is registered with every provider."""
        return f"{self.base_url.rstrip('/')}/callback"

    def begin(self, provider: Provider, begun: Attempt) -> tuple[str, str]:
        """Where the browser goes, and the sealed attempt that it keeps."""
        return address_of(provider, begun, self.callback), self.attempts.seal(begun)

    def new_attempt(self, provider: Provider, now: int, **more: str) -> Attempt:
        """An attempt: `goes_to` is where it leads, `invitation` and `plan` are a family's."""
        return attempt(provider, now, **more)

    def complete(self, sealed: str, answer: dict[str, str], now: int) -> tuple[Session, Attempt]:
        """A new session for whom the provider has sent back; calls the provider. Raises SignInFailed."""
        begun = self.attempts.open(sealed, now)
        provider = self.providers.get(begun.issuer) if begun else None
        if begun is None or provider is None:
            raise SignInFailed("attempt")
        person = finish(provider, begun, answer, self.callback, now)
        if not self.once.use("sign-in", begun.state, begun.begun + ATTEMPT_SECONDS):
            raise SignInFailed("replayed")
        if provider.by_invitation:
            person = structs.replace(person, principal=self._of_family(person, begun, now))
        session = self.sessions.begin(person, now)
        if session is None:
            raise SignInFailed("signed-out")
        return session, begun

    def end_at_provider(self, logout_token: str, now: int) -> tuple[SignedOut, int]:
        """End what a provider's logout token names: what it says, and how many sessions there were.

        May call the provider for its keys. Raises TokenRefused.
        """
        said = signed_out(logout_token, self.providers, self.once, now)
        return said, self.sessions.end_at_provider(said, now)

    def goodbye(self, session: Session) -> str:
        """Where to send somebody who has signed out here, so that they sign out at the provider too; "" if nowhere."""
        provider = self.providers.get(session.principal.issuer)
        return farewell(provider, session.id_token, self.base_url.rstrip("/") + "/") if provider else ""

    def _of_family(self, person: Person, begun: Attempt, now: int) -> Principal:
        """The plan and the contact that an invitation, now or earlier, has linked the person with."""
        name = person_of(person.principal)
        if begun.invitation:
            link = self.families.redeem(begun.invitation, name, now=now)
            if link is None:
                raise SignInFailed("invitation")
        else:
            links = self.families.of(name)
            wanted = [one for one in links if str(one.plan) == begun.plan] if begun.plan else list(links)
            if not wanted:
                raise SignInFailed("not-invited")
            link = wanted[0]
        return structs.replace(person.principal, plan_id=str(link.plan), contact_id=link.contact)
