"""Guards on showing the plan: a lawful basis that is in use, and what it covers (reg 17)."""

from collections.abc import Iterator

from domain.codesets import Code
from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.guards.registry import guard

GATEWAYS = "gateways"


@guard("gateway-in-use")
def gateway_in_use(context: Context) -> Iterator[Breach]:
    """The gateway is in use, and what it masks isn't shown (a consulted setting doesn't see section I)."""
    gateway = _gateway(context)
    if gateway is None or not gateway.holds_on(context.on):
        yield context.breach("gateway-not-in-use", "No such lawful basis is in use on that day.", pointer="/gateway")
        return
    masked = set(gateway.facts.get("masks", ())) & set(context.data.get("sections", ()))
    if masked:
        yield context.breach(
            "section-masked",
            f"Under this basis section {', '.join(sorted(masked))} isn't shown.",
            law=gateway.text("law"),
            pointer="/sections",
        )


def _gateway(context: Context) -> Code | None:
    gateways = context.rules.codes_on(GATEWAYS, context.on)
    code = str(context.data.get("gateway", ""))
    return gateways.get(code) if code in gateways else None


@guard("consent-behind-it")
def consent_behind_it(context: Context) -> Iterator[Breach]:
    """A disclosure by consent names a consent that was given, still holds and covers what is shown."""
    if not str(context.data.get("gateway", "")).startswith("CONSENT_"):
        return
    consent = context.state.case("consent", str(context.data.get("consentId", "")))
    if consent is None or consent.status != "GIVEN" or consent.data.get("until", "9999") < context.on.isoformat():
        yield context.breach(
            "no-consent",
            "Name a consent that was given and still holds.",
            law="reg 17(1)",
            pointer="/consentId",
        )
        return
    shown: list[str] = context.data.get("sections", [])
    agreed: list[str] = consent.data.get("sections", shown)
    beyond = set(shown) - set(agreed)
    if beyond:
        yield context.breach(
            "beyond-consent",
            f"The consent doesn't cover section {', '.join(sorted(beyond))}.",
            law="reg 17(1)",
            pointer="/sections",
        )
