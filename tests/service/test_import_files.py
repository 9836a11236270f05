"""Files as spreadsheets and people write them; and those that somebody made to do harm."""

import io
import zipfile
from datetime import date, datetime, time

import pytest
from openpyxl import Workbook

from service.i18n import LANGUAGES, words
from service.importing import fields, files
from service.importing.fields import CellFault
from service.importing.steps import LISTS
from service.imports import Kind
from tests.builders.lists import as_csv, as_xlsx

HEADING = ("a", "b")


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_csv_of_any_separator_and_encoding_is_read(separator: str, encoding: str) -> None:
    sheet = files.read(as_csv(HEADING, ("Zoé", "x"), ("", ""), ("Ünal", "y"), separator=separator, encoding=encoding))
    assert sheet.heading == ["a", "b"]
    assert sheet.lines == [(2, ["Zoé", "x"]), (4, ["Ünal", "y"])]


@pytest.mark.parametrize("before", [b"\n\r\n", b" \r\n", b",,,\n"])
def test_lines_that_are_empty_before_the_heading_do_not_hide_what_separates(before: bytes) -> None:
    sheet = files.read(before + b"a,b\n1,2\n")
    assert (sheet.heading, [cells for _, cells in sheet.lines]) == (["a", "b"], [["1", "2"]])


def test_the_separator_that_excel_writes_on_top_is_not_a_heading() -> None:
    assert files.read(b"sep=;\r\na;b\r\n1;2\r\n") == files.Sheet(["a", "b"], [(3, ["1", "2"])])


def test_xlsx_cells_are_read_as_a_person_would_type_them() -> None:
    row = (date(1990, 5, 17), datetime(2026, 9, 15), time(9, 0), 6.0, True, 0.5, None)
    sheet = files.read(as_xlsx("abcdefg", row))
    assert sheet.lines == [(2, ["1990-05-17", "2026-09-15", "09:00", "6", "yes", "0.5"])]


def test_a_formula_is_told_from_text_in_both_forms() -> None:
    assert files.read(as_xlsx(HEADING, ("=1+1", "+32"))).lines == [(2, [files.FORMULA, "+32"])]
    assert files.read(as_csv(HEADING, ("=1+1", "'=1+1"))).lines == [(2, [files.FORMULA, "=1+1"])]


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (b"", "empty_file"),
        (b"\x00\x01\x02", "not_text"),
        (b"\x81\x8d", "not_text"),
        (b'a;b\n"1;2\n', "broken_csv"),
        (b"PK\x03\x04 and nothing", "broken_xlsx"),
        (as_csv(["a"] * 61), "too_many_columns"),
        (as_csv(HEADING, *(("1", "2") for _ in range(10_001))), "too_many_lines"),
    ],
)
def test_what_cannot_be_read_says_why(file: bytes, code: str) -> None:
    with pytest.raises(files.Unreadable) as refused:
        files.read(file)
    assert refused.value.code == code


def packed(parts: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def test_a_small_file_that_unpacks_to_gigabytes_is_not_unpacked() -> None:
    bomb = packed({"xl/worksheets/sheet1.xml": b" " * (files.UNPACKED + 1)})
    assert len(bomb) < 200_000
    with pytest.raises(files.Unreadable, match="too_large_inside"):
        files.read(bomb)


def test_entities_are_not_expanded() -> None:
    book = Workbook()
    plain = io.BytesIO()
    book.save(plain)
    with zipfile.ZipFile(plain) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/workbook.xml"] = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + parts["xl/workbook.xml"]
    with pytest.raises(files.Unreadable, match="broken_xlsx"):
        files.read(packed(parts))


def test_a_sheet_that_says_it_is_a_million_rows_high_is_refused_soon() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADING)
    sheet.cell(row=1_000_000, column=1, value="x")
    content = io.BytesIO()
    book.save(content)
    with pytest.raises(files.Unreadable, match="too_many_lines"):
        files.read(content.getvalue())


@pytest.mark.parametrize("text", ["2026-09-15", "15/09/2026", "15.9.2026", "15-09-2026", "46280", "2026-09-15 00:00"])
def test_days_are_read_as_people_and_excel_write_them(text: str) -> None:
    assert fields.day(text) == date(2026, 9, 15)


@pytest.mark.parametrize("text", ["09:00", "9:00", "9h00", "9h", "9u00", "9u", "9 uur", "9.00", "09:00:00"])
def test_hours_are_read_as_people_write_them(text: str) -> None:
    assert fields.hour(text) == time(9)


@pytest.mark.parametrize("text", ["31/02/2026", "09/2026", "tomorrow", "2026-9", "²⁰²⁶", "1990"])
def test_what_is_no_day_is_refused(text: str) -> None:
    """A year alone is not a day in 1905, whatever Excel would make of it."""
    with pytest.raises(CellFault):
        fields.day(text)


def test_opening_hours_come_back_as_they_were_said() -> None:
    hours = fields.hours("1-2 08:00-17:00; 6 9:00-13:00")
    assert fields.shown(hours) == "1 08:00-17:00; 2 08:00-17:00; 6 09:00-13:00"
    assert fields.hours(fields.shown(hours)) == hours
    assert fields.hours("1–2 8h00 – 17h00; 6 9u00–13u00") == hours, "with the dashes and hours of people"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", LISTS)
def test_each_value_is_read_by_its_code_and_by_its_word_in_any_language(kind: Kind, language: str) -> None:
    for column in LISTS[kind].columns:
        read = [column.read(code) for code in column.choices]
        assert [column.read(column.say(words(language), code)) for code in column.choices] == read
        assert [column.read(column.say(words(language), code).upper()) for code in column.choices] == read
        if column.example:
            assert column.read(column.say(words(language), column.example)) == column.read(column.example)


def test_what_people_write_for_short_is_read_too() -> None:
    (gender,) = [column for column in LISTS["candidates"].columns if column.name == "gender"]
    assert [gender.read(each) for each in ("M", "V", "X", "H", "F", "W")] == ["m", "f", "x", "m", "f", "f"]
