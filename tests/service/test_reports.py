"""The annual report: three lines, each with its source, for the year as the calendar of Brussels has it."""

import argparse
import asyncio
import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import msgspec
import pytest

from scheduling import bookings
from service import report, reports
from service.__main__ import COMMANDS
from service.settings import SettingsFault
from service.suppression import suppress
from tests.builders.assessments import SCREENING, a_candidate, a_unit
from tests.builders.outcomes import a_held_screening, a_room_of, a_world
from tests.builders.web import settings_for

Tx = asyncpg.Connection
CENTRES = ("construcity", "logisticity", "digitalcity", "technicity")
MIDNIGHT = datetime(2025, 12, 31, 23, tzinfo=UTC)  # the year begins in Brussels
PUBLISHED = {  # the table of 2023 (domain.md)
    "trained_jobseekers": {"technicity": 474, "digitalcity": 2828, "logisticity": 878, "construcity": 1075},
    "in_company": {"technicity": 19, "digitalcity": 26, "logisticity": 0, "construcity": 33},
}


async def import_published(tx: Tx, now: datetime) -> None:
    for line, spots in PUBLISHED.items():
        for centre, value in spots.items():
            await reports.import_line(tx, 2026, line, centre, value, source="PFE 2023", now=now)  # type: ignore[arg-type]


async def test_spots_are_attended_seats_of_sessions_held_in_the_year(tx: Tx, now: datetime) -> None:
    """In Brussels the year is an hour old at midnight UTC; who did not come, cancelled or is to come does not count."""
    unit = await a_unit(tx, now=now, scheme=SCREENING)
    rooms = {code: await a_room_of(tx, code) for code in CENTRES}
    await a_held_screening(tx, unit, rooms["technicity"], starts_at=MIDNIGHT.replace(hour=17), attended=4)
    await a_held_screening(tx, unit, rooms["technicity"], starts_at=MIDNIGHT.replace(minute=30), attended=3, no_shows=1)
    await a_held_screening(tx, unit, rooms["digitalcity"], starts_at=datetime(2026, 12, 31, 18, tzinfo=UTC), attended=2)
    await a_held_screening(
        tx, unit, rooms["digitalcity"], starts_at=datetime(2026, 12, 31, 23, 30, tzinfo=UTC), attended=1
    )
    line = (await reports.annual(tx, 2026)).lines[2]
    assert line.spots == {"technicity": 3, "digitalcity": 2, "logisticity": 0, "construcity": 0}
    assert (line.total, line.source) == (5, reports.COUNTED)
    before, after = await reports.annual(tx, 2025), await reports.annual(tx, 2027)
    assert (before.lines[2].total, after.lines[2].total) == (4, 1)


async def test_the_table_has_three_lines_with_their_sources(tx: Tx, now: datetime) -> None:
    for code in CENTRES:
        await a_room_of(tx, code)
    table = await reports.annual(tx, 2026)
    assert [centre.code for centre in table.centres] == ["technicity", "digitalcity", "logisticity", "construcity"]
    assert [line.source for line in table.lines] == [reports.NOT_IMPORTED, reports.NOT_IMPORTED, reports.COUNTED]
    assert [line.total for line in table.lines] == [None, None, 0]
    await import_published(tx, now)
    table = await reports.annual(tx, 2026)
    assert [(line.line, line.total, line.source) for line in table.lines[:2]] == [
        ("trained_jobseekers", 5255, "PFE 2023"),
        ("in_company", 78, "PFE 2023"),
    ]
    assert table.lines[0].spots == PUBLISHED["trained_jobseekers"]


async def test_one_figure_missing_is_no_total(tx: Tx, now: datetime) -> None:
    for code in CENTRES:
        await a_room_of(tx, code)
    await reports.import_line(tx, 2026, "in_company", "technicity", 19, source="PFE", now=now)
    line = (await reports.annual(tx, 2026)).lines[1]
    assert (line.spots["technicity"], line.spots["digitalcity"], line.total) == (19, None, None)


async def test_validations_count_like_screenings(tx: Tx, now: datetime) -> None:
    """A pass and a failure are two occupied spots; the booking to come and the cancelled one are none."""
    world = await a_world(tx, now)
    candidate = await a_candidate(tx, now=now)
    booking = await bookings.book(tx, world.coming, candidate, by=None, now=now)
    await bookings.cancel(tx, booking, policy=bookings.CancellationPolicy(), by=None, now=now)
    assert (await reports.annual(tx, 2026)).lines[2].total == 2


async def test_by_trade_is_for_outside_only_when_suppressed(tx: Tx, now: datetime) -> None:
    unit = await a_unit(tx, now=now, scheme=SCREENING)  # a trade of Construcity
    rooms = {code: await a_room_of(tx, code) for code in CENTRES}
    await a_held_screening(tx, unit, rooms["construcity"], starts_at=datetime(2026, 3, 2, 9, tzinfo=UTC), attended=3)
    inside = await reports.by_trade(tx, 2026)
    assert (inside.rows, inside.columns[-1]) == ((unit.code[:4],), "Construcity")
    assert inside.cells == ((None, None, None, 3),)
    outside = suppress(inside)
    assert outside.cells == ((None, None, None, "hidden"),)
    assert report.outside_rows(outside)[1] == [unit.code[:4], None, None, None, "*", "*"]


def test_a_spreadsheet_takes_no_text_for_a_formula() -> None:
    texts = ["=1+1", "+32 2", "-5", "@SUM", "\t=1", " =cmd|' /C calc'!A0", 'a, "b"', "Été"]
    written = reports.as_csv([[*texts, -5, None]])
    assert next(csv.reader(io.StringIO(written))) == [
        "'=1+1", "'+32 2", "'-5", "'@SUM", "'\t=1", "' =cmd|' /C calc'!A0", 'a, "b"', "Été", "-5", "",
    ]  # fmt: skip


def asked(given: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    report.add_arguments(parser)
    return parser.parse_args(given.split())


@pytest.mark.parametrize("year", ["23", "20233", "abcd", "-2023", "²023"])
def test_a_year_is_a_year(year: str) -> None:
    with pytest.raises(SystemExit):
        asked(f"annual --year {year}")


async def test_the_command_imports_and_prints(
    database_url: str, tmp_path: Path, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=lambda v: msgspec.json.encode(v).decode(),
                                    decoder=msgspec.json.decode)  # fmt: skip
    for code in CENTRES:
        await a_room_of(connection, code)
    await a_unit(connection, now=now)
    await connection.close()
    figures = [f"{line},{centre},{value}" for line, spots in PUBLISHED.items() for centre, value in spots.items()]
    file = tmp_path / "pfe-2023.csv"
    file.write_text("\n".join(["line,centre,value", *figures]))

    async def run(given: str) -> tuple[int, str, str]:
        settings = settings_for(database_url, "redis://localhost:1", tmp_path)
        status = await asyncio.to_thread(report.command, asked(given), settings)
        return status, *capsys.readouterr()

    status, printed, _ = await run(f"annual --year 2023 --import {file}")
    assert status == 0
    assert printed.splitlines()[2].split() == [
        "Trained",
        "jobseekers",
        "474",
        "2828",
        "878",
        "1075",
        "5255",
        "pfe-2023.csv",
    ]
    _, printed, _ = await run("annual --year 2023 --json")
    assert msgspec.json.decode(printed, type=reports.AnnualReport).lines[1].total == 78
    _, printed, _ = await run("annual --year 2023 --csv")
    assert printed.startswith(",Technicity,Digitalcity,Logisticity,Construcity,total,source\r\n")
    _, printed, _ = await run("trades --year 2023")
    assert "*" in printed

    file.write_text("line,centre,value\nin_company,nowhere,1\n")
    status, printed, complaint = await run(f"annual --year 2023 --import {file}")
    assert (status, printed) == (2, "")
    assert complaint.startswith(f"{file}, line 2: no centre has the code “nowhere”")
    with pytest.raises(SettingsFault, match="cannot be read"):
        await run(f"annual --year 2023 --import {tmp_path / 'missing.csv'}")


def test_the_command_line_knows_it() -> None:
    assert COMMANDS["report"].module == "service.report"
