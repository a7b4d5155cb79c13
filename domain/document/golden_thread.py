"""The golden thread: does the plan hang together as the Regulations and the Code of Practice require?

`golden_thread` reads a document and says what is missing or in the wrong place, each time with the law. A
finding is an `error` where a final plan must not issue so, and a `warning` elsewhere. On a draft nearly
everything is a warning, since a draft is work in progress; a link that leads nowhere is always an error.
Whether an error refuses an act or is stored with it depends on the act's mode and basis (a text that the
Tribunal ordered issues as ordered) and isn't decided here.
"""

from datetime import date

from domain.document.content_rules import content_findings
from domain.document.json_values import JsonObject
from domain.document.thread import Thread, ThreadFinding
from domain.document.thread_rules import link_findings


def golden_thread(
    document: JsonObject, *, finalising: bool = False, on: date | None = None
) -> tuple[ThreadFinding, ...]:
    """What is missing or out of place in a schema-valid document, in the order of the rules.

    `finalising` weighs the document as the text of a final plan; `on` is the civil date (Europe/London) at
    which ages and the usual school year are counted: without it, rules on age rest on the stated year only.
    """
    thread = Thread.of(document, finalising=finalising, on=on)
    return (*link_findings(thread), *content_findings(thread))
