"""What section I of a final plan says (CFA ss.38 to 43, 61; reg 12(1)(i))."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from domain.document.json_values import JsonObject
from domain.errors import Breach
from domain.plan.asserted import asserted_text_kind
from domain.plan.context import Context
from domain.plan.guards.ordered import issues_as_ordered
from domain.plan.guards.registry import guard
from domain.plan.texts import text_of

NAMES: Final = frozenset({"name", "urn", "ukprn"})
POINTER = "/plan/sections/I"


@guard("placement-settled")
def placement_settled(context: Context) -> Iterator[Breach]:
    """A final plan names a setting, or a type, or says why a school is inappropriate, or that the parents teach."""
    text = text_of(context)
    if text is None or issues_as_ordered(context):
        return
    yield from _settled(context, text["sections"]["I"])


@guard("imported-final-is-placed")
def imported_final_is_placed(context: Context) -> Iterator[Breach]:
    """A final plan that comes in with an empty section I is blank for a reason, or it isn't whole."""
    text = context.act.plan_text()
    if text is None or asserted_text_kind(context.data) != "final":
        return
    section = text["sections"]["I"]
    if not _placements(section):
        yield from _settled(context, section)


def _settled(context: Context, section: JsonObject) -> Iterator[Breach]:
    rule = RULES.get(section.get("placementBasis", ""))
    if rule is None:
        yield context.breach(
            "placement-open",
            "Section I says whether a setting is named, only a type, education otherwise than at school, or "
            "education at home.",
            law="CFA s.39(3); s.40(2); reg 12(1)(i)",
            pointer=f"{POINTER}/placementBasis",
        )
    else:
        yield from rule(context, section, _placements(section))


def _placements(section: JsonObject) -> tuple[JsonObject, ...]:
    return tuple(section.get("placements", {}).values())


def _named(context: Context, _section: JsonObject, placements: tuple[JsonObject, ...]) -> Iterator[Breach]:
    if not placements or not all(NAMES & one.keys() for one in placements):
        yield context.breach(
            "no-setting-named",
            "Each placement needs the name or number of its setting.",
            law="reg 12(1)(i); CFA s.39(3)",
            pointer=f"{POINTER}/placements",
        )


def _type_only(context: Context, _section: JsonObject, placements: tuple[JsonObject, ...]) -> Iterator[Breach]:
    if not placements or any(NAMES & one.keys() or not _has_type(one) for one in placements):
        yield context.breach(
            "type-only",
            "Where no setting is named, section I says the type of setting, and no name.",
            law="reg 12(1)(i); CFA s.39(5)",
            pointer=f"{POINTER}/placements",
        )


def _otherwise(context: Context, section: JsonObject, placements: tuple[JsonObject, ...]) -> Iterator[Breach]:
    if placements:
        yield context.breach(
            "otherwise-than-at-school",
            "Education otherwise than at school leaves section I blank; the arrangement belongs in section F.",
            law="CFA s.61",
            pointer=f"{POINTER}/placements",
        )
    for name, what in (
        ("inappropriateBecause", "why any school would be inappropriate"),
        ("familyConsultedOn", "when the family was consulted"),
    ):
        if name not in section:
            yield context.breach(
                "otherwise-unfounded", f"Say {what}.", law="CFA s.61(3), (4)", pointer=f"{POINTER}/{name}"
            )


def _at_home(context: Context, section: JsonObject, placements: tuple[JsonObject, ...]) -> Iterator[Breach]:
    if not placements or any(NAMES & one.keys() or not _has_type(one) for one in placements):
        yield context.breach(
            "home-education-type",
            "Where the parents make their own arrangements, section I says the type of setting that would suit.",
            law="CFA s.42(5); Code 10.32",
            pointer=f"{POINTER}/placements",
        )
    if "note" not in section:
        yield context.breach(
            "home-education-note",
            "Section I notes that the parents have made their own arrangements.",
            law="CFA s.42(5); Code 10.32",
            pointer=f"{POINTER}/note",
        )


def _has_type(placement: JsonObject) -> bool:
    return bool({"type", "settingType", "senSetting"} & placement.keys())


Rule = Callable[[Context, JsonObject, tuple[JsonObject, ...]], Iterator[Breach]]
RULES: Final[Mapping[str, Rule]] = {
    "NAMED": _named,
    "TYPE_ONLY": _type_only,
    "EOTAS": _otherwise,
    "EHE_S42_5": _at_home,
}
