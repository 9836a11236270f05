"""A list of sessions that is called off while it is written: what is in place is said, whole, and the rest can follow."""

import asyncio
from datetime import timedelta

from service import imports
from service.importing import steps
from tests.builders.hall import Hall, text
from tests.builders.lists import SESSIONS, as_csv, carried_on
from tests.builders.rivals import held_up


async def test_what_is_called_off_in_the_middle_is_whole_said_and_can_be_taken_up_again(hall: Hall) -> None:
    """The manager calls it off while the worker is in a step: the answer waits for it, and no line of it is lost or half."""
    days = [hall.street.start.date() + timedelta(days=n) for n in range(112)]
    jury = ("ouhadi@example.org", "baert@example.org", "van@example.org")
    lines = [
        (f"S-{day}", "Atelier 1", "MACO-1", "fr", str(day), "09:00", "2", *jury, "yes")
        for day in days
        if day.weekday() < 5
    ]
    process = hall.street.app.state.running.as_house()
    asked = await handed_in(hall, lines)
    await hall.manager.post(f"{asked}/order")
    async with process.db.transaction() as tx:
        one = await imports.take(tx)
        assert one is not None
        await tx.execute("select service.acting($1, $2)", one.asked_by, one.asked_as)
        await steps.step(tx, one, now=process.now())
        calling_off = asyncio.create_task(hall.manager.post(f"{asked}/cancellation"))
        await held_up(tx, calling_off)
        assert not calling_off.done()
    assert (await calling_off).status_code == 303
    assert await carried_on(process) == 0, "nothing more is written"
    written = await whole(hall)
    assert 0 < written < len(lines)
    page = text(await hall.manager.get(f"{asked}?lang=en"))
    left = len(lines) - written
    assert f"{written} lines are written {left} lines are not: the rest was called off. Import the file again" in page
    assert "What would come of the lines" in page, "they are not all there"
    assert (await hall.manager.post(f"{asked}/order")).status_code == 409
    again = await handed_in(hall, lines)
    page = text(await hall.manager.get(f"{again}?lang=en"))
    assert f"New {len(lines) - written}" in page
    assert f"Unchanged {written}" in page
    await hall.manager.post(f"{again}/order")
    await carried_on(process)
    assert await whole(hall) == len(lines)


async def handed_in(hall: Hall, lines: list[tuple[str, ...]]) -> str:
    file = {"file": ("sessions.csv", as_csv(SESSIONS, *lines))}
    answer = await hall.manager.post("/centre/imports", data={"kind": "sessions"}, files=file)
    await carried_on(hall.street.app.state.running)
    return answer.headers["location"]


async def whole(hall: Hall) -> int:
    """How many sessions there are; each is open, before its whole jury."""
    async with hall.db.read() as tx:
        rows = await tx.fetch(
            "select opened_at is not null and scheduling.jury_complete(id) as is_whole from scheduling.sessions"
        )
    assert all(row["is_whole"] for row in rows)
    return len(rows)
