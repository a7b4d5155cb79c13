"""Draw the Word file that the tour of the README imports: `python -m tests.tools.draw_demonstration`.

A plan about a child who does not exist, filled in as councils fill them in: an ordinal date, a provision without an
amount, two dates in one cell, an option struck through, an instruction where an address should be.
"""

from pathlib import Path
from typing import Final

from tests.fixtures.documents.build import standard_form

TARGET: Final = Path(__file__).parents[2] / "deploy" / "demonstration" / "ada-brindle.docx"
_OPTIONS: Final = (
    '<w:p><w:r><w:t xml:space="preserve">YES/ </w:t></w:r><w:r><w:rPr><w:strike/></w:rPr><w:t>NO</w:t></w:r></w:p>'
)


def drawn() -> bytes:
    """The file."""
    form = standard_form()
    form.write("details", 2, 1, "14th May 2016")
    form.write("details", 11, 1, "Held on file - not to be shared")
    form.write("communicationAndInteraction", 5, 1, "Staff use symbols with Addie.")
    form.write("advice", 2, 1, "14/01/2026 and 4 February 2026")
    form.put_xml("advice", 1, 3, _OPTIONS)
    return form.to_bytes()


if __name__ == "__main__":
    TARGET.write_bytes(drawn())
