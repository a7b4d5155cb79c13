"""The twelve parts of a plan that SEND Regulations 2014 reg 12(1) and (4) keep apart.

H1 and H2 are parts of their own, so there are twelve keys although people speak of sections A to K. Headings:
Crown copyright, Open Government Licence v3.0.
"""

from msgspec import Struct

from domain.document.json_values import segments


class Section(Struct, frozen=True, kw_only=True):
    """A statutory part: its key, its legal heading, the regulation, and the name of the map of its items."""

    key: str
    heading: str
    law: str
    items: str = ""


SECTIONS: tuple[Section, ...] = (
    Section(
        key="A",
        law="reg 12(1)(a)",
        heading="the views, interests and aspirations of the child and his parents or the young person",
    ),
    Section(
        key="B",
        law="reg 12(1)(b)",
        heading="the child or young person's special educational needs",
        items="needs",
    ),
    Section(
        key="C",
        law="reg 12(1)(c)",
        heading="the child or young person's health care needs which relate to their special educational needs",
        items="needs",
    ),
    Section(
        key="D",
        law="reg 12(1)(d)",
        heading="the child or young person's social care needs which relate to their special educational "
        "needs "
        "or to a disability",
        items="needs",
    ),
    Section(key="E", law="reg 12(1)(e)", heading="the outcomes sought for him or her", items="outcomes"),
    Section(
        key="F",
        law="reg 12(1)(f)",
        heading="the special educational provision required by the child or young person",
        items="provisions",
    ),
    Section(
        key="G",
        law="reg 12(1)(g)",
        heading="any health care provision reasonably required by the learning difficulties or disabilities "
        "which "
        "result in the child or young person having special educational needs",
        items="provisions",
    ),
    Section(
        key="H1",
        law="reg 12(1)(h)(i)",
        heading="any social care provision which must be made for the child or young person as a result of "
        "section 2 of the Chronically Sick and Disabled Persons Act 1970",
        items="provisions",
    ),
    Section(
        key="H2",
        law="reg 12(1)(h)(ii)",
        heading="any other social care provision reasonably required by the learning difficulties or "
        "disabilities "
        "which result in the child or young person having special educational needs",
        items="provisions",
    ),
    Section(
        key="I",
        law="reg 12(1)(i)",
        heading="the name of the school, maintained nursery school, post-16 institution or other institution "
        "to be "
        "attended by the child or young person and the type of that institution or, where no name is "
        "specified in "
        "the plan, the type of school or other institution to be attended",
        items="placements",
    ),
    Section(
        key="J",
        law="reg 12(1)(j)",
        heading="where any special educational provision is to be secured by a direct payment, the special "
        "educational needs and outcomes to be met by the direct payment",
    ),
    Section(
        key="K",
        law="reg 12(4)",
        heading="the advice and information obtained, set out in appendices",
        items="advice",
    ),
)

SECTION_KEYS: tuple[str, ...] = tuple(section.key for section in SECTIONS)


def section_of(json_pointer: str) -> str:
    """Which part of the document a JSON Pointer leads into.

    A statutory part gives its key ("B", "H1"); anything else gives the name of the top-level member that it
    is in ("personalDetails", "services", ...); the document as a whole, or `sections` as a whole, gives "".
    """
    path = segments(json_pointer)
    if path[:1] == ("sections",):
        return path[1] if len(path) > 1 else ""
    return path[0] if path else ""
