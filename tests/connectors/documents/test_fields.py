"""The labelled fields: details, services, placement, direct payments, advice, sign-off."""

from __future__ import annotations

import pytest

from connectors.documents.national_template import read_plan
from domain.codesets import Code, CodeSet
from domain.identifiers import nhs_check_digit, upn_check_letter
from tests.connectors.documents.reading import notes, read, sections, told
from tests.fixtures.documents.build import add_row, standard_form

_UPN = upn_check_letter("800299899002") + "800299899002"
_NHS = "999000456" + str(nhs_check_digit("999000456"))


def _struck(text: str) -> str:
    return f'<w:r><w:rPr><w:strike/></w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def _left(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def test_labels_may_be_worded_otherwise_or_misspelt() -> None:
    form = standard_form()
    for row, column, text in (
        (1, 0, "  FULL NAME "),
        (1, 2, "Prefered name"),
        (2, 0, "DoB"),
        (3, 0, "Gender"),
        (7, 0, "E-mail"),
    ):
        form.write("details", row, column, text)
    imported = read(form)
    assert imported.document["personalDetails"] == read(standard_form()).document["personalDetails"]
    assert told(imported) == set()
    assert notes(imported) == {}


def test_a_label_that_is_not_understood_is_told_from_its_place() -> None:
    form = standard_form()
    form.write("services", 2, 0, "Family doctor")
    imported = read(form)
    assert imported.document["services"]["gpAndKeyHealthProfessional"] == "Dr O. Pell, Eskwick Surgery"
    assert told(imported) == {("label-assumed", "services.gpAndKeyHealthProfessional")}
    assert list(notes(imported)) == ["Family doctor"]


def test_rows_that_a_council_added_are_kept_with_their_labels() -> None:
    form = standard_form()
    add_row(form.tables["details"], ["Religion:", "Quaker", "Interpreter:", "None"], 4)
    imported = read(form)
    assert list(notes(imported)) == ["Religion:\nQuaker", "Interpreter:\nNone"]
    assert told(imported) == {("text-unplaced", "")}


def test_a_value_behind_its_label_in_the_same_cell_is_read() -> None:
    form = standard_form()
    form.write("details", 4, 0, "First language: Welsh")
    form.write("details", 4, 1, "")
    assert read(form).document["personalDetails"]["firstLanguage"] == "Welsh"


def test_a_missing_name_or_date_of_birth_is_an_error() -> None:
    form = standard_form()
    form.write("details", 1, 1, "")
    form.write("details", 2, 1, "")
    imported = read_plan(form.to_bytes(), file_name="plan.docx")
    assert {("name-missing", "details.name"), ("date-of-birth-missing", "details.dateOfBirth")} == told(imported)
    assert {each.severity for each in imported.warnings} == {"error"}


@pytest.mark.parametrize(
    ("typed", "iso", "code"),
    [
        ("3rd March 2026", "2026-03-03", "date-ordinal"),
        ("the 3rd of March, 2026", "2026-03-03", "date-ordinal"),
        ("03/03/26", "2026-03-03", "date-two-digit-year"),
        ("09.02.2026", "2026-02-09", None),
        ("2026-03-03", "2026-03-03", None),
        ("3 Mar 2026", "2026-03-03", None),
        ("Tuesday 3 March 2026", "2026-03-03", None),
        ("March 3, 2026", "2026-03-03", None),
        ("third of March 2026", "2026-03-03", "date-in-words"),
        ("twenty-first of January 2026", "2026-01-21", "date-in-words"),
        ("02/25/2026", "2026-02-25", "date-month-first"),
        ("31/02/2026", None, "date-impossible"),
        ("29 February 2026", None, "date-impossible"),
        ("March 2026", None, "date-unreadable"),
        ("Spring term", None, "date-unreadable"),
        ("3rd Sept ’24", "2024-09-03", "date-two-digit-year"),
        ("3ʳᵈ September 2024", "2024-09-03", "date-ordinal"),
        ("3.Sep.2024", "2024-09-03", None),
        ("03\\09\\2024", "2024-09-03", None),
        ("03 09 2024", "2024-09-03", None),
        ("03\n09\n2024", "2024-09-03", None),
        ("03092024", "2024-09-03", None),
        ("20240903", "2024-09-03", None),
        ("030924", "2024-09-03", "date-two-digit-year"),
        ("45538", "2024-09-03", "date-serial-number"),
        ("Room 45538", None, "date-unreadable"),
        ("l3/09/2024", None, "date-unreadable"),
        ("Autumn term 2024", None, "date-unreadable"),
    ],
)
def test_dates_are_read_day_first_and_never_guessed(typed: str, iso: str | None, code: str | None) -> None:
    form = standard_form()
    form.write("advice", 1, 1, typed)
    imported = read(form)
    advice = imported.document["sections"]["K"]["advice"]["advice-1"]
    assert (advice.get("dateReceived"), advice["dateReceivedAsStated"]) == (iso, typed)
    assert told(imported) == ({(code, "advice[0].dateReceived")} if code else set())


@pytest.mark.parametrize("typed", ["12/01/26\n(update 3rd March 2026)", "12 January 2026 and 03.03.2026"])
def test_two_dates_in_a_cell_are_both_kept(typed: str) -> None:
    form = standard_form()
    form.write("advice", 1, 1, typed)
    imported = read(form)
    advice = imported.document["sections"]["K"]["advice"]["advice-1"]
    assert (advice["dateReceived"], advice["furtherDatesReceived"]) == ("2026-01-12", ["2026-03-03"])
    assert told(imported) == {("date-multiple", "advice[0].dateReceived")}


def test_dates_that_cannot_be_right_beside_each_other_are_pointed_out() -> None:
    form = standard_form()
    form.write("details", 2, 1, "14 May 1986")
    form.write("advice", 1, 1, "3 February 2027")
    codes = {
        ("date-of-birth-implausible", "details.dateOfBirth"),
        ("advice-date-after-sign-off", "advice[0].dateReceived"),
    }
    assert told(read(form)) == codes


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("YES", "yes"),
        ("Yes – Child in Need plan", "yes"),
        ("No. Early Help only.", "no"),
        ("None", "no"),
        ("Not currently", "no"),
        ("Attached as K1", "yes"),
        ("Not known to the service", "no"),
        ("Not known", "notKnown"),
        ("N/A", "notKnown"),
        ("☒ Yes ☐ No", "yes"),
        ("Yes ☐ No ☒", "no"),
        ("[x] Yes [ ] No", "yes"),
        ("Yes ✓", "yes"),
    ],
)
def test_yes_and_no_are_read_with_their_detail(typed: str, answer: str) -> None:
    form = standard_form()
    form.write("services", 4, 1, typed)
    imported = read(form)
    assert imported.document["services"]["knownToSocialCare"] == {"answer": answer, "asStated": typed}
    assert told(imported) == set()


@pytest.mark.parametrize("typed", ["YES/ NO", "☐ Yes ☐ No", "☒ Yes ☒ No", "Child in Need plan"])
def test_an_answer_that_cannot_be_told_is_not_known_and_pointed_out(typed: str) -> None:
    form = standard_form()
    form.write("services", 4, 1, typed)
    imported = read(form)
    assert imported.document["services"]["knownToSocialCare"] == {"answer": "notKnown", "asStated": typed}
    assert told(imported) == {("answer-unclear", "services.knownToSocialCare")}


def test_the_word_left_standing_is_the_answer() -> None:
    form = standard_form()
    form.put_xml("services", 4, 1, f"<w:p>{_struck('Yes')}{_left(' / No')}</w:p>")
    form.put_xml("advice", 1, 3, f"<w:p>{_left('YES/ ')}{_struck('NO')}</w:p>")
    imported = read(form)
    assert imported.document["services"]["knownToSocialCare"]["answer"] == "no"
    assert imported.document["sections"]["K"]["advice"]["advice-1"]["appended"] == "yes"
    assert told(imported) == {
        ("answer-by-strikethrough", "services.knownToSocialCare"),
        ("advice-appended-by-strikethrough", "advice[0].appended"),
    }


def test_identifiers_are_found_wherever_they_are_typed() -> None:
    form = standard_form()
    spaced = f"{_UPN[0]} {_UPN[1:5]} {_UPN[5:9]} {_UPN[9:]}"
    form.write("services", 1, 1, f"Tarnside (URN: 199 801; UKPRN 10099801)\nUPN {spaced}\nformer UPN: A800299899001")
    form.write("services", 3, 1, f"{_NHS[:3]}-{_NHS[3:6]}-{_NHS[6:]}")
    plan = read(form).document
    assert plan["personalDetails"]["identifiers"] == {"upn": _UPN, "formerUpns": ["A800299899001"], "nhsNumber": _NHS}
    setting = plan["services"]["educationSetting"]
    assert (setting["urn"], setting["ukprn"], setting["name"]) == ("199801", "10099801", "Tarnside")


def test_an_identifier_in_a_row_of_its_own_is_found_and_the_row_is_kept() -> None:
    form = standard_form()
    form.write("services", 1, 1, "Tarnside Primary School")
    add_row(form.tables["services"], ["UPN", _UPN], 2)
    imported = read(form)
    assert imported.document["personalDetails"]["identifiers"]["upn"] == _UPN
    assert f"UPN\n{_UPN}" in notes(imported)


def test_identifiers_that_cannot_be_right_stay_text() -> None:
    form = standard_form()
    form.write("services", 1, 1, "Tarnside\nUPN: B800299899001\nULN 1234567890")
    form.write("services", 3, 1, "999 000 0051 (checked)")
    imported = read(form)
    assert "identifiers" not in imported.document["personalDetails"]
    assert told(imported) == {
        ("upn-invalid", "services.educationSetting"),
        ("uln-invalid", "services.educationSetting"),
        ("nhs-number-invalid", "services.nhsNumber"),
    }
    assert list(notes(imported)) == ["999 000 0051 (checked)"]


def test_two_different_numbers_of_one_kind_are_pointed_out() -> None:
    form = standard_form()
    form.write("services", 1, 1, f"UPN: A800299899001\nUPN: {_UPN}")
    imported = read(form)
    assert imported.document["personalDetails"]["identifiers"]["upn"] == "A800299899001"
    assert told(imported) == {("identifier-conflict", "services.educationSetting")}


@pytest.mark.parametrize(
    "instruction", ["Held on file - not to be shared", "Refuge: do not disclose", "Address withheld"]
)
def test_trap_78_an_instruction_in_an_address_cell_is_a_restriction_and_no_address(instruction: str) -> None:
    form = standard_form()
    form.write("details", 11, 1, instruction)
    imported = read(form)
    contact = imported.document["personalDetails"]["contacts"]["contact-2"]
    assert "homeAddress" not in contact
    assert (contact["addressRestricted"], contact["restrictionReason"]) == (True, instruction)
    restriction = imported.document["restrictions"]["restriction-1"]
    assert (restriction["kind"], restriction["subject"], restriction["status"]) == (
        "addressWithheld",
        "contact-2",
        "undecided",
    )
    assert told(imported) == {("disclosure-restriction", "details.parent2.homeAddress")}
    assert notes(imported) == {}


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("White British", "WBRI"),
        ("Mixed – White and Black African", "MWBA"),
        ("Black or Black British – African", "BAFR"),
        ("White – any other White background (English and Polish)", "WOTH"),
        ("WIRI - White Irish", "WIRI"),
        ("Cornish and Danish", None),
        ("African and Irish", None),
    ],
)
def test_ethnicity_has_a_code_only_when_its_wording_is_a_published_one(typed: str, code: str | None) -> None:
    form = standard_form()
    form.write("details", 3, 3, typed)
    expected = {"asStated": typed} | ({"code": code} if code else {})
    assert read(form).document["personalDetails"]["ethnicity"] == expected


@pytest.mark.parametrize(("typed", "sex"), [("Male", "M"), ("F", "F"), ("girl", "F"), ("BOY", "M")])
def test_sex_is_read_in_its_usual_words(typed: str, sex: str) -> None:
    form = standard_form()
    form.write("details", 3, 1, typed)
    personal = read(form).document["personalDetails"]
    assert (personal["sex"], personal["sexAsStated"]) == (sex, typed)


def test_a_sex_that_cannot_be_told_is_not_known() -> None:
    form = standard_form()
    form.write("details", 3, 1, "See notes")
    imported = read(form)
    assert imported.document["personalDetails"]["sex"] == "notKnown"
    assert told(imported) == {("sex-unclear", "details.sex")}


def test_a_move_is_told_with_both_councils_and_its_day() -> None:
    form = standard_form()
    form.write("services", 9, 1, "YES – from Surrey (936) to Hampshire (850), moving 1 June 2026")
    imported = read(form)
    move = imported.document["services"]["movingFromDifferentLA"]
    assert (move["fromLa"], move["toLa"], move["movesOn"]) == ("936", "850", "2026-06-01")
    assert told(imported) == {("transfer-from-other-authority", "services.movingFromDifferentLA")}


def test_councils_without_a_code_are_told_by_their_names() -> None:
    codes = {
        code: Code(code=code, title=title)
        for code, title in (("936", "Surrey"), ("801", "Bristol, City of"), ("850", "Hampshire"))
    }
    councils = CodeSet(id="la", title="", source="", source_date="", licence="", codes=codes)
    form = standard_form()
    form.write("services", 9, 1, "Yes, from Surrey County Council to Hampshire on 1 June 2026")
    facts = read_plan(form.to_bytes(), file_name="plan.docx", councils=councils).facts
    assert (facts.from_la, facts.to_la) == ("936", "850")


def test_an_empty_section_i_invents_no_placement() -> None:
    form = standard_form()
    form.write("placement", 0, 1, "")
    form.write("placement", 1, 1, "")
    imported = read(form)
    assert imported.document["sections"]["I"] == {}
    assert told(imported) == set()


def test_a_type_alone_and_education_otherwise_are_told_apart() -> None:
    form = standard_form()
    form.write("placement", 0, 1, "")
    assert sections(form)["I"]["placementBasis"] == "TYPE_ONLY"
    form.write("placement", 0, 1, "Education otherwise than at school (section 61)")
    form.write("placement", 1, 1, "")
    section = sections(form)["I"]
    assert (section["placementBasis"], section["note"]) == ("EOTAS", "Education otherwise than at school (section 61)")
    assert "placements" not in section


def test_a_change_of_setting_is_two_placements_with_dates() -> None:
    form = standard_form()
    form.write(
        "placement", 0, 1, "Until 31/08/2026: Tarnside Primary School (URN 199801)\nFrom 01/09/2026: Eskwick Academy"
    )
    form.write("placement", 1, 1, "Until 31/08/2026: primary school\nFrom 01/09/2026: academy")
    first, second = sections(form)["I"]["placements"].values()
    assert (first["name"], first["to"], first["type"]) == ("Tarnside Primary School", "2026-08-31", "primary school")
    assert (second["name"], second["from"], second["type"]) == ("Eskwick Academy", "2026-09-01", "academy")


@pytest.mark.parametrize(
    ("typed", "starts"),
    [
        ("Tarnside Primary School (until 31 August 2026)\nEskwick Academy (from 1 September 2026)", "2026-09-01"),
        ("Until July 2026: Tarnside Primary School\nFrom September 2026: Eskwick Academy", None),
        ("Until 31.08.2026 – Tarnside Primary School\nFrom 01.09.2026 – Eskwick Academy", "2026-09-01"),
    ],
)
def test_a_change_of_setting_may_be_worded_in_many_ways(typed: str, starts: str | None) -> None:
    form = standard_form()
    form.write("placement", 0, 1, typed)
    first, second = sections(form)["I"]["placements"].values()
    assert (first["name"], second["name"]) == ("Tarnside Primary School", "Eskwick Academy")
    assert second.get("from") == starts


def test_a_spare_row_with_another_fact_is_no_placement() -> None:
    form = standard_form()
    form.write("placement", 2, 0, "Start date")
    form.write("placement", 2, 1, "1 September 2026")
    imported = read(form)
    section = imported.document["sections"]["I"]
    assert list(section["placements"]) == ["placement-1"]
    assert section["note"] == "Start date\n1 September 2026"
    assert told(imported) == set()


def test_spare_rows_hold_a_second_placement_with_or_without_labels() -> None:
    for label in ("From September", ""):
        form = standard_form()
        for row, texts in ((2, (label, "Eskwick College (UKPRN 10099801)")), (3, ("", "Further education college"))):
            for column, text in enumerate(texts):
                form.write("placement", row, column, text)
        imported = read(form)
        second = imported.document["sections"]["I"]["placements"]["placement-2"]
        assert (second["name"], second["type"]) == ("Eskwick College", "Further education college")
        assert label in second["asStated"]
        assert told(imported) == {("placement-spare-rows-used", "placement")}


def test_direct_payment_facts_are_read_where_they_are_plain() -> None:
    form = standard_form()
    form.write(
        "directPayments", 0, 1, "A direct payment of £1,000 a year for section F, cognition and learning, row 1."
    )
    form.write(
        "directPayments", 1, 1,
        "Recipient: Joan Brindle. Two instalments of £500.00. Agreement signed on 1 March 2026."
        " Next financial review: 1/9/2026.",
    )  # fmt: skip
    section = sections(form)["J"]
    assert (section["directPayments"], section["recipient"]) == ("made", "parent")
    assert (section["amountPence"], section["instalmentsPence"]) == (100_000, [50_000, 50_000])
    assert (section["agreementDate"], section["nextFinancialReview"]) == ("2026-03-01", "2026-09-01")
    links = [section[key] for key in ("needIds", "provisionIds", "outcomeIds")]
    assert links == [["need-cl-1"], ["provision-cl-1"], ["outcome-cl-1"]]


def test_advice_without_a_date_or_an_answer_is_pointed_out() -> None:
    form = standard_form()
    form.write("advice", 6, 2, "Rae Holm, social worker")
    codes = {("advice-not-received", "advice[4].dateReceived"), ("advice-appended-unclear", "advice[4].appended")}
    assert told(read(form)) == codes


def test_advice_that_does_not_apply_needs_neither_date_nor_answer() -> None:
    form = standard_form()
    form.write("advice", 6, 2, "Not applicable (year 5)")
    assert told(read(form)) == set()


def test_added_rows_of_section_k_are_read_and_a_kind_alone_comes_last() -> None:
    form = standard_form()
    form.write("advice", 3, 0, "Dietitian")
    add_row(form.tables["advice"], ["Advice of the boat club", "7 February 2026", "Tam Oswin", "YES"], 4)
    kinds = [each["kind"] for each in sections(form)["K"]["advice"].values()]
    assert kinds[-2:] == ["Advice of the boat club", "Dietitian"]


def test_the_health_bodys_agreement_in_section_k_reaches_the_items_of_g() -> None:
    form = standard_form()
    assert sections(form)["G"]["provisions"]["provision-health-1"]["healthAgreement"] == {"status": "unknown"}
    by = "Dr Wyn Sable, Designated Clinical Officer, for NHS Fictional Integrated Care Board (ODS code QZZ)"
    add_row(form.tables["advice"], ["Agreement of section G (reg 12(2))", "1 March 2026", by, "YES"], 4)
    assert sections(form)["G"]["provisions"]["provision-health-1"]["healthAgreement"] == {
        "status": "agreed", "agreedBy": "Dr Wyn Sable", "role": "Designated Clinical Officer",
        "body": "NHS Fictional Integrated Care Board", "odsCode": "QZZ", "agreedOn": "2026-03-01",
    }  # fmt: skip


def test_a_second_officer_is_kept_as_a_note() -> None:
    form = standard_form()
    add_row(form.tables["signOff"], ["Second Officer", "S. Officer", "21 March 2026"], 3)
    imported = read(form)
    assert imported.document["signOff"]["officerName"] == "Petra Vance, SEND Officer"
    assert list(notes(imported)) == ["Second Officer", "S. Officer", "21 March 2026"]
