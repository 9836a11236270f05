"""Before a session is cancelled by a repair, its page says which place each candidate would get."""

from scheduling import sessions
from tests.builders.hall import Hall, text


async def test_who_would_go_where_is_said_before_it_is_chosen(hall: Hall) -> None:
    """One place is left a week later: one candidate would get it, the other would go first in line."""
    session, later = await hall.planned(), await hall.planned(days=7, seats=1)
    async with hall.db.transaction() as tx:
        for each in (session, later):
            await sessions.open_for_booking(tx, each, by=None, now=hall.street.now)
    await hall.street.book(session)
    await hall.street.book(session, key="form-key-2", who=hall.street.sam)
    failing = {
        "subject": f"room:{hall.street.room.id}", "from_day": "2026-09-15", "to_day": "2026-09-15", "reason": "Panne",
    }  # fmt: skip
    page = text(await hall.manager.get((await hall.manager.post("/centre/repairs", data=failing)).headers["location"]))
    said = page.partition("Quelles places les candidats auraient si elle est annulée")[2]
    assert "mardi 22 septembre 2026, 9 h 00, Construcity" in said
    assert "Passe en premier pour la prochaine place" in said
    assert said.count("Noor Peeters") == said.count("Sam De Smet") == 2, "there, and among those concerned"
