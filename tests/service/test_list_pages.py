"""Lists as files, over HTTP: handed in, reported on, written, taken away; by those who may."""

import csv
import io
from datetime import UTC, date, datetime, time
from io import BytesIO

import pytest
from openpyxl import load_workbook

from scheduling import closures, equipment, outages
from service.exporting.lists import EXPORTS
from tests.builders.hall import Hall, text
from tests.builders.lists import NOOR, PEOPLE, as_csv, as_xlsx, carried_on, hand_in, rows_of
from tests.builders.web import signed_in

WRONG = ("K-2", "sam at example.org", "Sam", "De Smet", "31/02/1988", "nl", "worker")


async def test_a_file_is_reported_on_line_by_line_and_written_when_that_is_ordered(hall: Hall) -> None:
    address = await hand_in(hall, "candidates", as_csv(PEOPLE, NOOR, WRONG))
    page = text(await hall.manager.get(f"{address}?lang=en"))
    assert "Line 3 Sam De Smet" in page
    assert "This is not an email address. Write one address" in page
    assert "This is not a day" in page
    assert "Write 1 line" in page
    assert (await hall.manager.post(f"{address}/order")).status_code == 303
    await carried_on(hall.street.app.state.running)
    page = text(await hall.manager.get(address))
    assert "1 line is written" in page
    assert (await hall.manager.post(f"{address}/order")).status_code == 303
    assert (await hall.manager.post(f"{address}/cancellation")).status_code == 409


async def test_the_report_of_errors_leaves_as_a_file_with_the_remedies(hall: Hall) -> None:
    address = await hand_in(hall, "candidates", as_xlsx(PEOPLE, (*NOOR[:2], "=1+1", *NOOR[3:]), WRONG), "a.xlsx")
    answer = await hall.manager.get(f"{address}/findings/csv?lang=nl")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0][0] == "Regel van het bestand"
    assert {row[0] for row in rows[1:]} == {"2", "3"}
    answer = await hall.manager.get(f"{address}/findings/xlsx")
    assert load_workbook(BytesIO(answer.content)).active.max_row == len(rows)
    assert (await hall.manager.get(f"{address}/findings/pdf")).status_code == 404


async def test_the_interface_says_how_far_it_is_and_calls_off(hall: Hall) -> None:
    none = await hall.manager.post("/api/v1/imports")
    assert none.status_code in (400, 415, 422), none.text
    answer = await hall.manager.post(
        "/api/v1/imports", data={"kind": "rooms"}, files={"file": ("a.csv", b"x;y\n1;2\n")}
    )
    assert answer.status_code == 202, answer.text
    here = answer.headers["location"]
    assert (await hall.manager.get(here)).json()["state"] == "reading"
    again = await hall.manager.post("/api/v1/imports", data={"kind": "rooms"}, files={"file": ("a.csv", b"x;y\n1;2\n")})
    assert again.headers["location"] == here
    assert (await hall.manager.put(f"{here}/order")).status_code == 409
    assert (await hall.manager.put(f"{here}/cancellation")).json()["state"] == "cancelled"
    assert await carried_on(hall.street.app.state.running) == 0
    assert (await hall.street.other_manager.get(here)).status_code == 404
    assert (await hall.street.noor.get(here)).status_code == 403


async def test_a_form_whose_texts_cannot_be_read_is_the_senders_mistake(hall: Hall) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="kind"\r\n\r\n\x89PNG\r\n--b--\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    for path in ("/centre/imports", "/api/v1/imports"):
        assert (await hall.manager.post(path, content=part, headers=kind)).status_code == 400


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_every_list_can_be_taken_away(hall: Hall, form: str) -> None:
    await hall.running()
    for export in EXPORTS:
        answer = await hall.manager.get(f"/centre/exports/{export.name}/{form}?lang=fr")
        assert answer.status_code == 200, (export.name, answer.text)
        heading = rows_of(answer)[0]
        assert len(heading) == len(export.columns), export.name
        assert all(len(row) == len(heading) for row in rows_of(answer)[1:]), export.name


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_equipment_outages_and_closures_leave_as_their_pages_show_them(hall: Hall, form: str) -> None:
    """Of this centre only, for who plans there; whatever a name begins with, and a public holiday in the reader's language."""
    now, centre = hall.street.now, hall.street.room.centre_id
    async with hall.db.transaction() as tx:
        elsewhere = await tx.fetchval("select id from scheduling.centres where id <> $1 limit 1", centre)
        code = await tx.fetchval("select code from scheduling.centres where id = $1", centre)
        for owner, name in ((centre, "=Pod 1"), (centre, "Pod 2"), (elsewhere, "Pod 3")):
            piece = await equipment.add(tx, centre_id=owner, kind="pod", name=name)
            if name != "Pod 2":
                await outages.enter(
                    tx, equipment_id=piece, starts_at=now, ends_at=None, reason="+Panne", by=None, now=now
                )
        begin, end = closures.whole_day(date(2026, 9, 22))
        for owner, room in ((centre, hall.street.room.id), (elsewhere, None)):
            await closures.close(
                tx, centre_id=owner, room_id=room, starts_at=begin, ends_at=end, reason="Travaux", by=None, now=now
            )
        await closures.close_on_public_holidays(tx, centre_id=centre, year=2026)
    planner = await signed_in(hall.street.app, "planner@example.org", "planner", centre_id=centre)

    async def rows(name: str) -> list[list[str]]:
        answer = await planner.get(f"/centre/exports/{name}/{form}?lang=de&day=2026-09-01")
        found = rows_of(answer)[1:]
        assert form == "xlsx" or not [cell for row in found for cell in row if cell.startswith(("=", "+"))]
        return [[cell.removeprefix("'") for cell in row] for row in found]

    assert [row[:2] for row in await rows("equipment")] == [["pod", "=Pod 1"], ["pod", "Pod 2"]], (
        "no catalogue has pods"
    )
    everywhere = await hall.administrator.get(f"/centre/exports/equipment/{form}?centre={code}")
    assert [row[1].removeprefix("'") for row in rows_of(everywhere)[1:]] == ["=Pod 1", "Pod 2"]
    assert [(*row[:2], row[3], row[4]) for row in await rows("outages")] == [("pod", "=Pod 1", "", "+Panne")]
    closed = await rows("closures")
    (works,) = [row for row in closed if row[3] == "Travaux"]
    assert (works[0], works[1][:10], works[2][:10]) == ("Atelier 1", "2026-09-22", "2026-09-22"), "the last day of it"
    assert works[4:] == ["Vorab eingetragen", "0"]
    assert ["", closures.holiday_name(datetime(2026, 11, 11, 8, tzinfo=UTC), "de")] in [
        [row[0], row[3]] for row in closed
    ]
    for page, names in (("/centre/equipment", ("equipment", "outages")), ("/centre/closures", ("closures",))):
        shown = (await planner.get(page)).text
        assert all(f'href="/centre/exports/{name}/{form}"' in shown for name in names)
    reception = await signed_in(hall.street.app, "desk@example.org", "reception", centre_id=centre)
    assert (await reception.get(f"/centre/exports/outages/{form}")).status_code == 403


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", ["candidates", "assessors", "rooms", "sessions"])
async def test_what_is_exported_can_be_imported_again_unchanged(hall: Hall, kind: str, form: str) -> None:
    """Whatever the names begin with."""
    await hall.running()
    await hall.street.open_session(days=2)
    hostile = [
        ("", f"h{n}@example.org", "Noor", name, "1990-05-17", "fr", "worker")
        for n, name in enumerate(("'t Hooft", "'=1+1", "+Plus", "-Minus", "@At", "«Ünal»; a,b", 'De "Smet"'))
    ]
    address = await hand_in(hall, "candidates", as_csv(PEOPLE, *hostile))
    await hall.manager.post(f"{address}/order")
    await carried_on(hall.street.app.state.running)
    for language in ("fr", "nl", "de"):
        file = (await hall.manager.get(f"/centre/exports/{kind}/{form}?lang={language}")).content
        address = await hand_in(hall, kind, file, f"liste.{form}")
        progress = (await hall.manager.get(f"/api/v1{address.removeprefix('/centre')}")).json()
        lines = (await hall.manager.get(f"/api/v1{address.removeprefix('/centre')}/lines")).json()
        assert progress["counts"]["unchanged"] == progress["total"] > 0, [
            (line["cells"], line["changes"], line["findings"]) for line in lines if line["verdict"] != "unchanged"
        ]


async def test_nothing_in_a_list_can_be_computed(hall: Hall) -> None:
    line = ("", "h@example.org", "'=cmd|' /C calc'!A1", "@SUM(1)", "1990-05-17", "fr", "worker")
    address = await hand_in(hall, "candidates", as_csv(PEOPLE, line))
    await hall.manager.post(f"{address}/order")
    await carried_on(hall.street.app.state.running)
    rows = rows_of(await hall.manager.get("/centre/exports/candidates/csv"))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    book = load_workbook(BytesIO((await hall.manager.get("/centre/exports/candidates/xlsx")).content))
    assert not [cell for row in book.active.iter_rows() for cell in row if cell.data_type == "f"]


async def test_a_list_of_people_asks_who_is_there_and_is_written_down(hall: Hall) -> None:
    async with hall.db.transaction() as tx:
        await tx.execute(
            "update service.logins set confirmed_at = null, signed_in_at = signed_in_at - interval '20 minutes'"
        )
    stale = await hall.manager.get("/centre/exports/candidates/csv")
    assert stale.status_code in (302, 303, 403)
    assert (await hall.manager.get("/centre/exports/rooms/csv")).status_code == 200
    assert (await hall.street.noor.get("/centre/exports/rooms/csv")).status_code == 403
    async with hall.db.read() as tx:
        rows = await tx.fetch("select role, subject from service.audit where action = 'list.exported'")
    assert [tuple(row) for row in rows] == [("manager", "scheduling.rooms")]


async def test_templates_explain_their_columns_in_four_languages(hall: Hall) -> None:
    for kind in ("candidates", "assessors", "rooms", "sessions"):
        page = text(await hall.manager.get(f"/centre/lists/{kind}/columns?lang=de"))
        assert "Name für Programme" in page
        book = load_workbook(BytesIO((await hall.manager.get(f"/centre/lists/{kind}/template/xlsx")).content))
        assert [cell.value for cell in book.worksheets[1][1]][1::2] == ["Français", "Nederlands", "English", "Deutsch"]
        address = await hand_in(hall, kind, (await hall.manager.get(f"/centre/lists/{kind}/template/csv")).content)
        assert "1" in text(await hall.manager.get(address))


async def test_what_the_headings_lack_and_what_is_passed_over_is_said_in_the_readers_words(hall: Hall) -> None:
    address = await hand_in(hall, "candidates", as_csv(PEOPLE[:4], NOOR[:4]))
    assert "Namelijk: Geboortedatum" in text(await hall.manager.get(f"{address}?lang=nl"))
    wrong = ("Gsm", *("Naam" if each == "family_name" else each for each in PEOPLE[1:]))
    address = await hand_in(hall, "candidates", as_csv(wrong, NOOR))
    page = text(await hall.manager.get(f"{address}?lang=nl"))
    assert "Er ontbreken kolommen Namelijk: Achternaam." in page
    assert "De lijst kent niet: Gsm, Naam." in page, "what stands there instead"
    assert "Een verbeterd bestand laten controleren" in page
    address = await hand_in(hall, "candidates", as_csv((*PEOPLE, "Prénom"), (*NOOR, "Noor")))
    assert "Een kolom staat er dubbel Namelijk: Voornaam." in text(await hall.manager.get(f"{address}?lang=nl"))
    address = await hand_in(hall, "candidates", as_csv((*PEOPLE, "GSM", "=1+1"), (*NOOR, "0470", "x")))
    page = text(await hall.manager.get(f"{address}?lang=fr"))
    assert "2 colonnes sont laissées de côté" in page
    assert "La liste ne connaît pas : GSM, =…. Si" in page
    said = await hall.manager.get(f"/api/v1{address.removeprefix('/centre')}")
    assert said.json()["passed_over"][0] == "GSM"


async def test_days_moments_and_numbers_are_what_they_are_in_a_workbook(hall: Hall) -> None:
    """A spreadsheet can sort by them and reckon with them."""
    await hall.running()
    address = await hand_in(hall, "candidates", as_csv(PEOPLE, NOOR))
    await hall.manager.post(f"{address}/order")
    await carried_on(hall.street.app.state.running)

    async def cells(name: str) -> list[object]:
        answer = await hall.manager.get(f"/centre/exports/{name}/xlsx?lang=en&day=2020-01-01")
        sheet = load_workbook(BytesIO(answer.content)).active
        assert sheet is not None
        return [cell for row in sheet.iter_rows(min_row=2, values_only=True) for cell in row if cell is not None]

    assert datetime(1990, 5, 17) in await cells("candidates")
    sessions, bookings = await cells("sessions"), await cells("bookings")
    assert {int, datetime, time} <= {type(cell) for cell in sessions}
    assert [cell for cell in bookings if isinstance(cell, datetime) and cell.hour]
    read = csv.reader(
        io.StringIO((await hall.manager.get("/centre/exports/candidates/csv")).content.decode("utf-8-sig")),
        delimiter=";",
    )
    assert "1990-05-17" in {cell for row in read for cell in row}
