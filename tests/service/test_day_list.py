"""The list of the day and the door: what is offered when."""

import re
from datetime import timedelta
from uuid import UUID

from scheduling import sessions
from service import check_in_codes
from service.settings import secret
from tests.builders.hall import Hall, text


async def test_nobody_is_received_before_the_day_nor_absent_before_the_hour(hall: Hall) -> None:
    """Early, what can be noted is behind a disclosure, and a sentence says when; the door says that it is not today."""
    session = await hall.planned()
    async with hall.db.transaction() as tx:
        await sessions.open_for_booking(tx, session, by=None, now=hall.street.now)
    booking = (await hall.street.book(session)).headers["location"].rpartition("/")[2]
    await hall.manager.post(f"/centre/sessions/{session}/lock")
    door = f"/check-in/{check_in_codes.code(secret(hall.street.app.state.settings), UUID(booking))}"

    async def seen() -> tuple[bool, bool, bool]:
        page = (await hall.manager.get(f"/centre/sessions/{session}/day")).text
        at_once = re.sub(r"<details.*?</details>", "", page, flags=re.DOTALL)
        return "identity-check" in at_once, "no-show" in at_once, "no-show" in page

    assert await seen() == (False, False, True)
    early = text(await hall.manager.get(f"/centre/sessions/{session}/day"))
    assert "Vous accueillez les candidats le mardi 15 septembre 2026" in early
    assert "Une absence se note à partir de 9 h 00" in early
    assert "L’épreuve n’est pas aujourd’hui" in text(await hall.manager.get(door))
    for hours, expected in ((2, (True, False, False)), (-1, (True, True, True))):
        async with hall.db.transaction() as tx:
            await tx.execute(
                "update scheduling.sessions set test_time = tstzrange($2::timestamptz, $2 + interval '4 hours') where id = $1",
                session,
                hall.street.now + timedelta(hours=hours),
            )
        assert await seen() == expected
        assert "pas aujourd’hui" not in text(await hall.manager.get(door))
