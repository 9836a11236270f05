"""What goes wrong and how it goes on: each story to its end in a real browser, without JavaScript, every page looked at."""

from datetime import date, timedelta
from uuid import UUID

from msgspec.structs import replace
from playwright.async_api import Browser

from assessments import standards
from scheduling import bookings, equipment, equipment_reservations, outages, sessions, waiting
from service import agenda
from tests.builders.assessments import an_assessor
from tests.builders.hall import Hall
from tests.builders.pages import a_person
from tests.builders.walk import IN_A_BROWSER, Walker, walker

pytestmark = IN_A_BROWSER


async def waits(hall: Hall, candidate_id: UUID, *, days_ago: int) -> None:
    async with hall.db.transaction() as tx:
        wish = waiting.Wish(languages=("fr",), earliest=date(2026, 9, 1))
        joined = hall.street.now - timedelta(days=days_ago)
        await waiting.join(tx, candidate_id, hall.street.unit.id, wish, now=joined)


async def opened(hall: Hall, days: int, *people: UUID) -> UUID:
    """A session of our jury with these candidates, whose letters have gone out."""
    session = await hall.planned(days=days)
    async with hall.db.transaction() as tx:
        await sessions.open_for_booking(tx, session, by=None, now=hall.street.now)
        for who in people:
            await bookings.book(tx, session, who, by=None, now=hall.street.now)
    await hall.street.react()
    return session


async def written_to(hall: Hall) -> list[str]:
    """To whom a letter went since this was asked last."""
    await hall.street.react()
    async with hall.db.transaction() as tx:
        rows = await tx.fetch("delete from service.mails returning recipient")
    return sorted(row["recipient"] for row in rows)


async def test_an_offer_that_is_declined_goes_to_the_next_person(
    hall: Hall, address: str, browser: Browser, language: str, width: int
) -> None:
    """Noor waits longer and says no with one tap; Sam, who was offered nothing until then, says yes with one."""
    street = hall.street
    await waits(hall, street.noor_id, days_ago=10)
    await waits(hall, street.sam_id, days_ago=1)
    session = await street.open_session(seats=1)
    await street.react()
    noor, sam = [await walker(browser, address, who, width, language) for who in (street.noor, street.sam)]
    await sam.goes("/waiting")
    await sam.nowhere_reads("A place is free for you")
    await sam.reads("You are number %(place)d of %(length)d.", place=2, length=2)
    await noor.goes("/waiting")
    await noor.reads("A place is free for you")
    await noor.nowhere_reads("Why is there no place?")
    await noor.looks("a place is offered")
    await noor.presses("No, thank you")
    await noor.reads("You stay on the waiting list for other dates.")
    await noor.looks("an offer is declined")
    await street.react()
    await sam.goes("/waiting")
    await sam.reads("A place is free for you")
    await sam.presses("Yes, I take it")
    await sam.reads("Your place is booked")
    await street.react()
    await noor.goes("/waiting")
    await noor.nowhere_reads("A place is free for you")
    await noor.reads("You are number %(place)d of %(length)d.", place=1, length=1)
    await noor.looks("still on the list")
    async with hall.db.read() as tx:
        seats = await tx.fetch(
            "select candidate_id from scheduling.bookings where session_id = $1 and released_at is null", session
        )
    assert [seat["candidate_id"] for seat in seats] == [street.sam_id]


async def test_who_was_refused_for_broken_equipment_goes_first_and_who_came_late_does_not(
    hall: Hall, address: str, browser: Browser, language: str, width: int
) -> None:
    """Ali waits a month; Noor is turned away because a saw is broken, Sam because he came late. Then it was not Sam who came
    late: he has his place again, and Noor would, had she not been offered another one."""
    street = hall.street
    session = await opened(hall, 0, street.noor_id, street.sam_id)
    async with hall.db.transaction() as tx:
        ali = await a_person(tx, "Ali", "Benali", "ali@example.org", street.now)
        await sessions.lock(tx, session, by=None, now=street.now)
        await tx.execute(
            "update scheduling.sessions set test_time = tstzrange($2::timestamptz, $2 + interval '4 hours') where id = $1",
            session,
            street.now - timedelta(minutes=20),
        )
    await waits(hall, ali, days_ago=30)
    manager = await walker(browser, address, hall.manager, width, language)
    await manager.goes(f"/centre/sessions/{session}/day")
    await manager.looks("the list of the day")
    for name, cause in (("Noor Peeters", "equipment"), ("Sam De Smet", "late")):
        here = manager.page.locator("ul.day > li", has=manager.page.get_by_role("heading", name=name))
        await here.locator("summary").filter(has_text=manager.said("Cannot take the test")).click()
        await here.get_by_role("combobox").select_option(cause)
        await manager.presses("Turn away", within=here)
    await manager.looks("two were turned away")
    sam, noor = [await walker(browser, address, who, width, language) for who in (street.sam, street.noor)]
    for person, place, length in ((sam, 2, 2), (noor, 1, 3)):
        await person.goes(f"/waiting/new?unit={street.unit.code}")
        await person.presses("Wait for a place")
        await person.reads("You are number %(place)d of %(length)d.", place=place, length=length)
    await noor.reads("Your last test could not take place. You go first.")
    await sam.nowhere_reads("Your last test could not take place. You go first.")
    await noor.looks("first in line")
    await street.open_session(days=7, seats=1)
    await street.react()
    await sam.goes("/waiting")
    await sam.nowhere_reads("A place is free for you")
    await noor.goes("/waiting")
    await noor.reads("A place is free for you")
    await manager.goes(f"/centre/sessions/{session}/day")
    for name in ("Noor Peeters", "Sam De Smet"):
        here = manager.page.locator("ul.day > li", has=manager.page.get_by_role("heading", name=name))
        await here.locator("summary").filter(has_text=manager.said("Noted by mistake")).click()
    await manager.reads(
        "This person has another place for this test by now, holds one, or is offered one. They give that one back first."
    )
    await manager.looks("one of two can be taken back")
    await manager.presses("Take the turning away back")
    await manager.looks("he has his place again")
    assert await manager.page.get_by_role("button", name=manager.said("Take the turning away back")).count() == 0
    await street.react()
    await sam.goes("/waiting")
    await sam.reads("You are on no waiting list")
    await manager.goes(f"/centre/sessions/{session}/split")
    await manager.reads("The hour of the test has come")
    await manager.looks("too late to split")


async def test_a_flood_and_an_illness_are_mended_for_everybody_or_for_nobody(
    hall: Hall, address: str, browser: Browser, language: str, width: int
) -> None:
    """Two sessions count on the room. While the page is open one of them changes: nothing is written, and the page says
    what. Looked at again, both go next door in one step, with a letter to everybody; then their evaluator falls ill."""
    street, beside = hall.street, await hall.next_door()
    days = [await opened(hall, 0, street.noor_id), await opened(hall, 1)]
    async with hall.db.transaction() as tx:
        substitute = await an_assessor(
            tx, now=street.now, qualified_for=street.unit.trade_id, centre_id=street.room.centre_id
        )
    await written_to(hall)
    planner = await walker(browser, address, hall.manager, width, language)
    await failing(planner, f"room:{street.room.id}")
    await planner.reads("Noor Peeters")
    await planner.looks("who is affected by a flood")
    async with hall.db.transaction() as tx:
        await bookings.book(tx, days[1], street.sam_id, by=None, now=street.now)
    await written_to(hall)
    await planner.presses("Mend all of it", status=409)
    await planner.reads("Something has changed since")
    await planner.looks("something has changed since")
    assert (await where(hall, days), await written_to(hall)) == ([street.room.id] * 2, [])
    await planner.presses("Take it into account")
    await planner.reads("Sam De Smet")
    await planner.presses("Mend all of it")
    await planner.reads("It is mended")
    await planner.looks("a flood is mended")
    assert await where(hall, days) == [beside] * 2
    assert await written_to(hall) == sorted(
        ["noor@example.org", "sam@example.org", *2 * ["ouhadi@example.org", "baert@example.org", "van@example.org"]]
    )
    await failing(planner, f"assessor:{hall.evaluator_id}")
    await planner.presses("Mend all of it")
    await planner.looks("an illness is mended")
    async with hall.db.read() as tx:
        evaluators = await tx.fetch(
            "select assessor_id from scheduling.jury_seats where role = 'evaluator' and released_at is null"
        )
    assert [seat["assessor_id"] for seat in evaluators] == [substitute] * 2


async def test_a_saw_breaks_and_each_session_is_mended_by_what_is_left(
    hall: Hall, address: str, browser: Browser, language: str, width: int
) -> None:
    """Two sessions count on the first saw. On the first day the other saw is free and takes its place, which changes nothing
    for anybody; on the second it is at work next door, so that session moves to when the first one is back, and its people are
    told."""
    street, beside = hall.street, await hall.next_door()
    async with hall.db.transaction() as tx:
        found = await tx.fetchval(
            "select id from assessments.standards where unit_id = $1 and retired_at is null", street.unit.id
        )
        content = replace((await standards.get(tx, found)).content, equipment_kind="wet-saw")
        await standards.publish(tx, await standards.draft(tx, street.unit.id, content), now=street.now)
        saws = [
            await equipment.add(tx, centre_id=street.room.centre_id, kind="wet-saw", name=f"Scie {number}")
            for number in (1, 2)
        ]
    days = [await hall.planned(days=0, seats=1), await hall.planned(days=1, seats=1)]
    async with hall.db.transaction() as tx:
        for session, who in zip(days, (street.noor_id, street.sam_id), strict=True):
            await equipment_reservations.reserve(tx, session, saws[0])
            await sessions.open_for_booking(tx, session, by=None, now=street.now)
            await bookings.book(tx, session, who, by=None, now=street.now)
        plan = sessions.Plan(beside, street.unit.id, "fr", street.start + timedelta(days=1), 1)
        rival = await sessions.plan(tx, plan, by=None, now=street.now)
        await equipment_reservations.reserve(tx, rival, saws[1])
        before = [(await sessions.get(tx, session)).starts_at for session in days]
    await written_to(hall)
    planner = await walker(browser, address, hall.manager, width, language)
    await failing(planner, f"equipment:{saws[0]}")
    for name in ("Noor Peeters", "Sam De Smet"):
        assert name in await planner.page.locator("main").inner_text()
    await planner.looks("who is affected by a broken saw")
    await planner.presses("Mend all of it")
    await planner.reads("It is mended")
    await planner.looks("a broken saw is mended")
    async with hall.db.read() as tx:
        after = [(await sessions.get(tx, session)).starts_at for session in days]
        held = [[piece.name for piece in await agenda.pieces(tx, session)] for session in days]
        (out,) = await outages.of_centre(tx, street.room.centre_id, now=street.now)
    assert (after[0] == before[0], after[1] > before[1], held) == (True, True, [["Scie 2"], ["Scie 1"]])
    assert out.equipment_id == saws[0]
    told = await written_to(hall)
    assert {"sam@example.org", "ouhadi@example.org", "baert@example.org", "van@example.org"} <= {*told}
    assert "noor@example.org" not in told


async def failing(planner: Walker, subject: str) -> None:
    """Tuesday and Wednesday, told in plain words; the page that shows who is affected."""
    await planner.goes("/centre/repairs/new")
    await planner.page.locator("[name=subject]").select_option(subject)
    await planner.fills_in(from_day="2026-09-15", from_at="00:00", to_day="2026-09-17", to_at="00:00", reason="Imprévu")
    await planner.looks("who or what fails")
    await planner.presses("See who is affected")


async def where(hall: Hall, days: list[UUID]) -> list[UUID]:
    async with hall.db.read() as tx:
        return [(await sessions.get(tx, session)).room_id for session in days]
