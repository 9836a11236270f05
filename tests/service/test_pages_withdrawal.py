"""Withdrawing from a unit: what the page says before, what ends with it, what is in its way; and the same for programs."""

import re
from uuid import uuid4

import pytest

from assessments import enrolments, units
from tests.builders.pages import Street
from tests.service.test_pages_booking import WAIT
from tests.service.test_pages_candidate import LANGUAGES, PAGE, read

TOLD = """select topic, payload ->> 'by' is not null from service.outbox
          where topic like 'enrolment.%' and aggregate = $1 order by id"""


async def page_of(street: Street) -> str:
    """The address that My journey offers."""
    found = re.search(r'href="(/enrolments/[0-9a-f-]+/withdrawal)"', await read(street.noor, "/journey"))
    assert found, "nothing to withdraw from"
    return found[1]


async def test_who_waits_withdraws_and_comes_back(street: Street) -> None:
    """By a page that reads and a button that acts, and nothing of it needs JavaScript."""
    await street.book(await street.open_session(seats=1), who=street.sam)
    await street.noor.post("/waiting", data=WAIT)
    address = await page_of(street)
    page = await read(street.noor, address)
    assert "You leave the waiting list, on which you are number 1." in page
    assert f'<form method="post" action="{address}">' in page
    assert "Wait for a place" in await read(street.noor, "/journey"), "reading it changes nothing"

    done = await street.noor.post(address)
    assert (done.status_code, done.headers["location"]) == (303, "/journey")
    page = await read(street.noor, "/journey")
    assert "You withdrew from this unit" in page
    assert 'href="/sessions?what=MACO-1"' in page
    assert "/withdrawal" not in page
    assert 'aria-current="step"' not in page
    assert "You are on no waiting list" in await read(street.noor, "/waiting")
    assert "You withdrew from this unit" in await read(street.noor, address), "and once more it says so"
    assert (await street.noor.post(address)).status_code == 303, "twice is once"
    async with street.db.read() as tx:
        told = [tuple(row) for row in await tx.fetch(TOLD, street.noor_id)]
        assert told == [("enrolment.made", True), ("enrolment.withdrawn", True)]
        said = await tx.fetch("select actor, role from service.audit where action = 'enrolment.withdrawn'")
        assert [(row["actor"] is not None, row["role"]) for row in said] == [(True, "candidate")]

    await street.noor.post("/waiting", data=WAIT)
    page = await read(street.noor, "/journey")
    assert "You withdrew from this unit" not in page
    assert "Wait for a place" in page
    await street.react()
    async with street.db.read() as tx:
        assert not await tx.fetchval("select exists (select from service.mails where recipient = 'noor@example.org')")


async def test_an_offer_is_declined_with_it_and_goes_to_the_next(street: Street) -> None:
    theirs = (await street.book(await street.open_session(seats=1), who=street.sam)).headers["location"]
    await street.noor.post("/waiting", data=WAIT)
    await street.sam.post(f"{theirs}/cancellation")
    await street.react()
    await street.sam.post("/waiting", data=WAIT)
    address = await page_of(street)
    assert "The place that we offer you goes to somebody else" in await read(street.noor, address)
    assert (await street.noor.post(address)).status_code == 303
    assert "A place is free for you" not in await read(street.noor, "/waiting")
    await street.react()
    assert "A place is free for you" in await read(street.sam, "/waiting")
    async with street.db.read() as tx:
        assert await tx.fetchval("select release from scheduling.bookings where candidate_id = $1", street.noor_id) == (
            "declined"
        )


async def test_alerts_about_this_unit_alone_end_with_it(street: Street) -> None:
    """One about the whole trade is about other units, too, and goes on."""
    async with street.db.transaction() as tx:
        file = await enrolments.enrol(tx, street.noor_id, street.unit.id, by=None, now=street.now)
        await units.put(tx, "MACO-9", trade_code="MACO", label=street.unit.label, proposal=True)
    address = f"/enrolments/{file}/withdrawal"
    assert "We no longer tell you" not in await read(street.noor, address)
    for what in ("MACO", "MACO-1"):
        assert (await street.noor.post("/api/v1/alerts", json={"what": what})).status_code == 201
    assert "We no longer tell you when a place for this unit opens." in await read(street.noor, address)
    assert (await street.noor.post(address)).status_code == 303
    assert [one["query"] for one in (await street.noor.get("/api/v1/alerts")).json()] == ["what=MACO"]


async def test_a_place_is_given_back_first(street: Street) -> None:
    """A held one too. The page leads there, and the button that a second window still shows is refused."""
    for days, where in enumerate(("/bookings", "/holds")):
        session = await street.open_session(days=days)
        booked = (await street.noor.post(where, data={"session_id": str(session), "key": uuid4().hex})).headers[
            "location"
        ]
        address = await page_of(street)
        page = await read(street.noor, address)
        assert "You still have a place for this unit" in page
        assert f'href="{booked}"' in page
        assert f'action="{address}"' not in page
        refused = await street.noor.post(address, headers=PAGE)
        assert refused.status_code == 409
        assert f'href="{booked}"' in refused.text
        program = await street.noor.post(f"/api/v1{address}")
        assert (program.status_code, program.json()["type"]) == (409, "/problems/still-booked")
        assert "Rendez d’abord cette place" in program.json()["detail"]
        await street.noor.post(f"{booked}/cancellation")
    assert (await street.noor.post(address)).status_code == 303


@pytest.mark.parametrize("outcome", ["pass", "fail"])
async def test_a_result_under_way_keeps_the_file_open(street: Street, outcome: str) -> None:
    """Until the certificate is there, which then keeps it open for good; or until the appeal is answered."""
    _, decision = await street.tested(street.noor_id, outcome, i1_1="met" if outcome == "pass" else "not_met")  # type: ignore[arg-type]
    (file,) = (await street.noor.get("/api/v1/enrolments")).json()
    address = f"/enrolments/{file['id']}/withdrawal"
    if outcome == "fail":
        await street.react()
        assert address in await read(street.noor, "/journey")
        await street.noor.post(f"/decisions/{decision}/appeal", data={"grounds": "Le support bougeait."})
    assert address not in await read(street.noor, "/journey")
    refused = await street.noor.post(f"/api/v1{address}")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/outcome-under-way")
    assert "A result or an answer about this unit is still to come" in await read(street.noor, address)
    if outcome == "pass":
        await street.react()
        refused = await street.noor.post(f"/api/v1{address}")
        assert refused.json()["type"] == "/problems/titre-already-held"
        assert address not in await read(street.noor, "/journey")


async def test_programs_read_their_files_and_withdraw(street: Street) -> None:
    async with street.db.transaction() as tx:
        file = await enrolments.enrol(tx, street.noor_id, street.unit.id, by=None, now=street.now)
    (one,) = (await street.noor.get("/api/v1/enrolments")).json()
    assert (one["id"], one["unit"], one["withdrawn_at"]) == (str(file), "MACO-1", None)
    for who in (street.sam, street.manager, street.stranger):
        assert (await who.post(f"/api/v1/enrolments/{file}/withdrawal")).status_code in (401, 403, 404)
    assert (await street.noor.post(f"/api/v1/enrolments/{uuid4()}/withdrawal")).status_code == 404
    first = await street.noor.post(f"/api/v1/enrolments/{file}/withdrawal")
    again = await street.noor.post(f"/api/v1/enrolments/{file}/withdrawal")
    assert (first.status_code, first.json()["withdrawn_at"] is not None) == (200, True)
    assert again.json() == first.json(), "twice is once"
    assert (await street.noor.get("/api/v1/enrolments")).json() == [first.json()]
    booked = await street.book(await street.open_session())
    assert booked.status_code == 303
    assert (await street.noor.get("/api/v1/enrolments")).json()[0]["withdrawn_at"] is None, "booking opens it again"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_page_is_said_in_four_languages(street: Street, language: str) -> None:
    async with street.db.transaction() as tx:
        file = await enrolments.enrol(tx, street.noor_id, street.unit.id, by=None, now=street.now)
    page = await read(street.noor, f"/enrolments/{file}/withdrawal", language=language)
    assert {"fr": "Renoncer", "nl": "afzien", "en": "Withdraw", "de": "verzichten"}[language] in page
