"""Lines of the annual report from other systems: a CSV file is taken over whole, or not at all with every reason."""

from contextlib import suppress
from datetime import datetime

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import report_imports
from service.refusals import NotFound
from service.report_imports import Fault, Unreadable
from tests.builders.outcomes import a_room_of

Tx = asyncpg.Connection
FILE = b"line,centre,value\ntrained_jobseekers,technicity,474\nin_company,technicity,19\n"


def faults_of(file: bytes) -> list[Fault]:
    with pytest.raises(Unreadable) as caught:
        report_imports.read(file, source="file.csv")
    return caught.value.faults


async def values(tx: Tx) -> list[tuple[str, int, str]]:
    rows = await tx.fetch("select line, value, source from service.report_imports order by line")
    return [tuple(row) for row in rows]


async def test_a_file_is_taken_over_and_again(tx: Tx, now: datetime) -> None:
    await a_room_of(tx, "technicity")
    assert await report_imports.import_file(tx, 2023, FILE, source="2023.csv", now=now) == 2
    later = FILE.replace(b"474", b"475")
    assert await report_imports.import_file(tx, 2023, later, source="corrected.csv", now=now) == 2
    assert await values(tx) == [("in_company", 19, "corrected.csv"), ("trained_jobseekers", 475, "corrected.csv")]


async def test_a_centre_nobody_knows(tx: Tx, now: datetime) -> None:
    with pytest.raises(NotFound):
        await report_imports.import_line(tx, 2023, "in_company", "nowhere", 1, source="x", now=now)
    await a_room_of(tx, "technicity")
    with pytest.raises(Unreadable) as caught:
        await report_imports.import_file(tx, 2023, FILE + b"in_company,nowhere,1\n", source="2023.csv", now=now)
    assert caught.value.faults == [Fault(4, "no centre has the code “nowhere” (there are: technicity)")]
    assert await values(tx) == []


@pytest.mark.parametrize(
    "file",
    [
        FILE,
        b"\xef\xbb\xbf" + FILE,
        FILE.replace(b",", b";"),
        FILE.replace(b",", b"\t"),
        FILE.replace(b"\n", b"\r\n"),
        FILE.replace(b"line,centre,value", b" Line ,Centre, VALUE"),
        FILE.replace(b"\nin", b"\n\n,,\nin"),
    ],
    ids=["plain", "byte order mark", "semicolons", "tabs", "windows", "heading", "empty lines"],
)
def test_spreadsheets_write_it_in_many_ways(file: bytes) -> None:
    read = report_imports.read(file, source="2023.csv")
    assert [(one.line, one.centre, one.value, one.source) for one in read] == [
        ("trained_jobseekers", "technicity", 474, "2023.csv"),
        ("in_company", "technicity", 19, "2023.csv"),
    ]


def test_a_line_may_name_its_own_source() -> None:
    read = report_imports.read(b"line,centre,value,source\nin_company,technicity,19,PFE 2023\n", source="file.csv")
    assert read[0].source == "PFE 2023"


def test_every_fault_is_said_with_its_line() -> None:
    file = (
        FILE
        + "\n".join(
            ["validations,technicity,12", "in_company,digitalcity,2.828", "in_company,technicity,7", "in_company"]
        ).encode()
    )
    assert faults_of(file) == [
        Fault(4, "“validations” is no line of the report (there are: trained_jobseekers, in_company)"),
        Fault(5, "“2.828” is not a whole number: write it in digits only, 2828 and not 2.828"),
        Fault(6, "line 3 gives this figure already"),
        Fault(7, "1 cells under 3 columns"),
    ]


@pytest.mark.parametrize("value", ["-1", "12 ", "1e3", "", "²", "٣", "99999999999999999999", "NaN"])
def test_only_digits_are_a_number(value: str) -> None:
    file = f"line,centre,value\nin_company,technicity,{value}\n".encode()
    if value.strip() == "12":
        assert report_imports.read(file, source="x")[0].value == 12
    else:
        assert "not a whole number" in faults_of(file)[0].says


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (b"", "the column “line” is missing"),
        (b"line,centre\n", "the column “value” is missing"),
        (b"line,centre,value,year\n", "the column “year” is not known (known are: line, centre, value, source)"),
        (b"line,centre,value,value\n", "the column “value” is there twice"),
        (b"line,centre,value\n\xe9", "not UTF-8 text: save the file as CSV UTF-8"),
        (b'line,centre,value\n"in_company,technicity,1', "not CSV: unexpected end of data"),
        (b"line,centre,value,source\nin_company,technicity,1,a\0b", "the source is longer than 200 characters, or"),
    ],
)
def test_a_file_that_is_no_list_of_figures(file: bytes, says: str) -> None:
    assert faults_of(file)[0].says.startswith(says)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_file_does_more_than_be_refused(file: bytes) -> None:
    for content in (file, b"line,centre,value\n" + file):
        with suppress(Unreadable):
            report_imports.read(content, source="file.csv")
