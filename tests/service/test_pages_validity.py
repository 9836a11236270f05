"""What is valid until when, and what its end breaks: on the page, as a file, by mail; papers recorded and fetched."""

import re
from datetime import date, timedelta
from uuid import UUID

import httpx
import pytest

from assessments import documents, qualifications, undertakings
from scheduling import jury_seats
from service import lapse_notices, retention, validity
from tests.builders.assessments import Tx, an_assessor
from tests.builders.hall import Hall, text
from tests.builders.pages import Street
from tests.builders.shelf_of_standards import PDF
from tests.builders.web import signed_in


@pytest.fixture
async def editor(street: Street) -> httpx.AsyncClient:
    return await signed_in(street.app, "editor@example.org", "administrator")


async def _lapsing(street: Street, *, days: int) -> UUID:
    """An evaluator whose qualification ends in so many days, with a seat in a jury fourteen days from now."""
    session = await street.open_session()
    async with street.db.transaction() as tx:
        who = await an_assessor(tx, now=street.now, centre_id=street.room.centre_id)
        today, last = street.now.date(), street.now.date() + timedelta(days=days)
        month = today + timedelta(days=30)
        await qualifications.qualify(tx, who, street.unit.trade_id, "evaluator", first_day=today, last_day=month)
        await jury_seats.give(tx, session, who, "evaluator", by=None, now=street.now)
        await tx.execute(
            "update assessments.qualifications set valid = daterange(lower(valid), $2) where assessor_id = $1",
            who,
            last + timedelta(days=1),
        )
    return session


async def test_what_lapses_and_what_that_breaks(street: Street, editor: httpx.AsyncClient) -> None:
    session = await _lapsing(street, days=7)
    page = (await street.manager.get("/centre/validity")).text
    assert f"/centre/sessions/{session}" in page
    assert f"/centre/sessions/{session}" in (await editor.get("/centre/validity")).text
    assert f"/centre/sessions/{session}" not in (await street.other_manager.get("/centre/validity")).text
    async with street.db.read() as tx:
        found = await validity.lapses(tx, street.room.centre_id, now=street.now)
    assert [(one.kind, len(one.breaks)) for one in found] == [("qualification", 1)]


async def _ending(tx: Tx, street: Street, who: UUID, kind: str, days: int) -> None:
    """Signed for the time until then, with its paper."""
    today = street.now.date()
    paper = await documents.keep(tx, f"{kind}.pdf", PDF, by=None, now=street.now)
    last = today + timedelta(days=days)
    await undertakings.record(
        tx, who, kind, first_day=today, last_day=last, document_id=paper, by=None, now=street.now  # type: ignore[arg-type]
    )  # fmt: skip


async def test_each_kind_of_paper_says_until_when_which_sessions_its_end_breaks_and_gives_itself_away(
    street: Street,
) -> None:
    """An accreditation and both undertakings end before a session; as a page and as a file, each with its paper."""
    sessions_of = [await street.open_session(), await street.open_session(days=100)]
    trade, today = street.unit.trade_id, street.now.date()
    async with street.db.transaction() as tx:
        who = await an_assessor(tx, now=street.now, centre_id=street.room.centre_id)
        await qualifications.qualify(tx, who, trade, "evaluator", first_day=today, last_day=today + timedelta(days=400))
        await _ending(tx, street, who, "interest", 10)
        await _ending(tx, street, who, "confidentiality", 90)
        await _ending(
            tx, street, await an_assessor(tx, now=street.now, centre_id=street.room.centre_id), "interest", 91
        )
        for session in sessions_of:
            await jury_seats.give(tx, session, who, "evaluator", by=None, now=street.now)
        await tx.execute("update assessments.schemes set interest_declared = true, confidentiality_signed = true")
        await tx.execute(
            "update assessments.accreditations set valid = daterange(lower(valid), $1) where trade_id = $2",
            today + timedelta(days=31),
            trade,
        )
        found = await validity.lapses(tx, street.room.centre_id, now=street.now)
    assert [(one.kind, (one.last_day - today).days, len(one.breaks)) for one in found] == [
        ("interest", 10, 2), ("accreditation", 30, 1), ("confidentiality", 90, 1),
    ]  # fmt: skip
    page = (await street.manager.get("/centre/validity?lang=en")).text
    assert [page.count(f"/centre/sessions/{session}") for session in sessions_of] == [1, 3]
    papers = re.findall(r'href="(/centre/validity/documents/[^"]+)"', page)
    assert {(await street.manager.get(paper)).content for paper in papers} == {PDF}
    file = (await street.manager.get("/centre/exports/lapses/csv?lang=en")).content.decode("utf-8-sig")
    rows = [line.split(";") for line in file.splitlines()[1:]]
    said = ["Declaration of interests", "Accreditation", "Promise of confidentiality"]
    assert [(row[0], row[5]) for row in rows] == [*zip(said, [one.last_day.isoformat() for one in found], strict=True)]
    assert file.count("MACO-1 2026-") == 4


async def test_the_centre_is_told_once_a_week(street: Street) -> None:
    await _lapsing(street, days=7)
    running = street.app.state.running.as_house()
    assert await lapse_notices.note_due(running) == 1
    assert await lapse_notices.note_due(running) == 0
    await street.react()
    async with street.db.read() as tx:
        letters = await tx.fetch(
            "select recipient, subject, body from service.mails where body like '%/centre/validity%'"
        )
    assert len(letters) == 1
    assert "MACO-1" in letters[0]["body"]


async def test_a_paper_is_recorded_and_fetched_by_its_centre_alone(street: Street, editor: httpx.AsyncClient) -> None:
    async with street.db.transaction() as tx:
        who = await an_assessor(tx, now=street.now, centre_id=street.room.centre_id)
    days = {"first_day": "2026-09-01", "last_day": "2026-10-01"}
    form = {"kind": "interest", "assessor_id": str(who), "statement": "Mon frère dirige Bati SA.", **days}
    evil = {"file": ('../../a"b<c>.pdf', PDF, "text/html")}
    no = await street.manager.post(
        "/centre/validity", data=form, files={"file": ("a.pdf", b"<html>", "application/pdf")}
    )
    assert no.status_code == 422
    assert (await street.other_manager.post("/centre/validity", data=form, files=evil)).status_code == 404
    assert (await street.manager.post("/centre/validity", data=form, files=evil)).status_code == 303
    again = await street.manager.post("/centre/validity", data=form, files=evil)
    assert (again.status_code, "Mon frère" in again.text) == (409, True)
    page = (await street.manager.get("/centre/validity")).text
    address = re.findall(r'href="(/centre/validity/documents/[^"]+)"', page)[0]
    paper = await street.manager.get(address)
    assert paper.content == PDF
    assert paper.headers["content-disposition"] == 'attachment; filename="abc.pdf"'
    assert (paper.headers["content-type"], paper.headers["x-content-type-options"]) == ("application/pdf", "nosniff")
    assert "sandbox" in paper.headers["content-security-policy"]
    assert (await street.other_manager.get(address)).status_code == 404
    assessor = await signed_in(street.app, "assessor@example.org", "assessor", assessor_id=who)
    assert "Mon frère dirige Bati SA." in (await assessor.get("/validity")).text


async def test_a_trade_is_said_in_words_with_its_code_beside_them(hall: Hall) -> None:
    assert "Maçon (MACO) , Évaluateur" in text(await hall.evaluator.get("/validity"))


async def test_papers_and_statements_go_when_their_time_is_over(street: Street) -> None:
    first, last = date(2010, 1, 1), date(2012, 1, 1)
    async with street.db.transaction() as tx:
        who = await an_assessor(tx, now=street.now)
        await undertakings.record(
            tx,
            who,
            "interest",
            first_day=first,
            last_day=last,
            statement="Bati SA",
            by=None,
            now=street.now - timedelta(days=2000),
        )
    gone = await retention.apply(street.app.state.running.as_house(), dry_run=False)
    assert gone["undertakings"] == 1
    async with street.db.read() as tx:
        assert [one.statement for one in await undertakings.of(tx, who)] == [""]


async def test_a_centre_s_accreditation_is_recorded_by_an_administrator(
    street: Street, editor: httpx.AsyncClient
) -> None:
    form = {
        "new.centre_id": str(street.room.centre_id), "new.trade_id": str(street.unit.trade_id), "new.reference": "AGR-2",
        "new.first_day": "2028-01-01", "new.last_day": "2029-12-31",
    }  # fmt: skip
    files = {"new.file": ("agrément.pdf", PDF, "application/pdf")}
    assert (await street.manager.post("/centre/validity/accreditations", data=form, files=files)).status_code == 403
    wrong = await editor.post(
        "/centre/validity/accreditations", data=form | {"new.last_day": "2027-01-01"}, files=files
    )
    assert (wrong.status_code, 'href="#new-first_day"' in wrong.text) == (422, True)
    assert (await editor.post("/centre/validity/accreditations", data=form, files=files)).status_code == 303
    overlapping = await editor.post("/centre/validity/accreditations", data=form, files=files)
    assert overlapping.status_code == 409
