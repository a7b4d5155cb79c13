"""`ehcp token`: a token from the development issuer, for trying the platform on one machine."""

import time
from typing import Annotated

import typer

from connectors.identity.development import LIFETIME_SECONDS
from connectors.identity.tokens import ROLES, Principal
from services.cli.session import audience, load_settings
from services.cli.talk import MISUSE, result, stop
from services.errors import ConfigurationError
from services.identity.wiring import development_issuer


def token(
    role: Annotated[str, typer.Option(help=f"One of {', '.join(sorted(ROLES))}.")] = "case-officer",
    org: Annotated[str, typer.Option(help='The organisation: "la:855", "urn:199101", "ods:QJK", "family".')] = "la:855",
    subject: Annotated[str, typer.Option(help="An opaque id of the person or system.")] = "development-user",
    plan: Annotated[str, typer.Option(help="For role family: the plan's id.")] = "",
    contact: Annotated[str, typer.Option(help="For role family: the contact in the plan.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Print a bearer token that lasts eight hours. Only with EHCP_ENV=development."""
    if role not in ROLES:
        stop(f"There is no role '{role}'. Use one of {', '.join(sorted(ROLES))}.", MISUSE)
    if role == "family" and not (plan and contact):
        stop("A family member's token names the plan and the contact in it: add --plan and --contact.", MISUSE)
    settings = load_settings()
    principal = Principal(subject=subject, organisation=org, role=role, plan_id=plan, contact_id=contact)
    try:
        issuer = development_issuer(settings)
    except ConfigurationError as error:
        stop(str(error), MISUSE)
    made = issuer.issue(principal, audience=audience(settings), now=int(time.time()))
    if json:
        result({"token": made, "expiresInSeconds": LIFETIME_SECONDS})
    else:
        typer.echo(made)
