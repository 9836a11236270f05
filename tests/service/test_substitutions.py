"""A substitute decides only where nobody of the centre may, by an administrator's hand, with the reason, in the trail."""

from datetime import datetime

import asyncpg
import pytest

from assessments import decisions, links, outcome_refusals, refusals
from assessments.decisions import Substitution
from service import accounts, substitutes
from tests.assessments.test_recognitions import EVC, submitted
from tests.builders.assessments import Sitting, a_room, a_sitting, an_assessor, deliberated, recorded
from tests.builders.hall import Hall, text
from tests.builders.refused import refused
from tests.builders.web import signed_in

Tx = asyncpg.Connection


async def with_managers(tx: Tx, sitting: Sitting, now: datetime) -> tuple[str, str]:
    """The centre's only manager has an account, and so has one of another centre: the latter's id and the former's."""
    elsewhere = await a_room(tx)
    other = await an_assessor(tx, now=now, centre_id=elsewhere.centre_id)
    for person, centre, name in ((sitting.manager, sitting.centre, "own"), (other, elsewhere.centre_id, "other")):
        await accounts.register(
            tx, email=f"{name}-manager@example.org", role="manager", language="fr", centre_id=centre,
            assessor_id=person, now=now,
        )  # fmt: skip
    return str(other), str(sitting.manager)


async def test_while_somebody_of_the_centre_may_decide_nobody_else_does(tx: Tx, now: datetime) -> None:
    sitting = await a_sitting(tx, now=now)
    other, _ = await with_managers(tx, sitting, now)
    await recorded(tx, sitting)
    await deliberated(tx, sitting)
    why = Substitution("Parenté", sitting.manager)
    assert await substitutes.possible(tx, sitting.booking) == []
    async with refused(tx, outcome_refusals.SubstituteUnneeded):
        await decisions.take(tx, sitting.booking, taken_by=other, now=now, substitution=why)  # type: ignore[arg-type]
    await tx.execute("update scheduling.sessions set ended_at = $2 where id = $1", sitting.session, sitting.test_day)
    await links.declare(tx, sitting.manager, sitting.candidate, "kinship", by=None, now=now)
    async with refused(tx, refusals.DeciderKnowsCandidate):
        await decisions.take(tx, sitting.booking, taken_by=sitting.manager, now=now)
    assert [one for one, _ in await substitutes.possible(tx, sitting.booking)] == [other]
    async with refused(tx, outcome_refusals.SubstitutionUnmotivated):
        await decisions.take(
            tx, sitting.booking, taken_by=other, now=now, substitution=Substitution(" ", sitting.manager)  # type: ignore[arg-type]
        )  # fmt: skip
    nobody = await an_assessor(tx, now=now)
    async with refused(tx, outcome_refusals.SubstituteNoManager):
        await decisions.take(tx, sitting.booking, taken_by=nobody, now=now, substitution=why)
    async with refused(tx, refusals.DeciderExamined):
        await decisions.take(tx, sitting.booking, taken_by=sitting.observer, now=now, substitution=why)
    taken = await decisions.take(tx, sitting.booking, taken_by=other, now=now, substitution=why)  # type: ignore[arg-type]
    assert (await decisions.get(tx, taken)).substitution == "Parenté"
    await decisions.wipe(tx, sitting.candidate)
    assert (await decisions.get(tx, taken)).substitution == "–"


@pytest.mark.parametrize("kind", ["validation", "evc"])
async def test_an_administrator_records_it_on_a_page_and_the_trail_says_who(
    hall: Hall, now: datetime, kind: str
) -> None:
    async with hall.db.as_house().transaction() as tx:
        sitting = await a_sitting(tx, now=now, **({"scheme": EVC} if kind == "evc" else {}))  # type: ignore[arg-type]
        other, _ = await with_managers(tx, sitting, now)
        await (submitted(tx, sitting, now) if kind == "evc" else recorded(tx, sitting))
        if kind == "validation":
            await deliberated(tx, sitting)
        else:  # an EVC has no manager on its jury
            await tx.execute(
                "update scheduling.jury_seats set released_at = $1 where assessor_id = $2", now, sitting.manager
            )
        await tx.execute(
            "update scheduling.sessions set ended_at = $2 where id = $1", sitting.session, sitting.test_day
        )
        await links.declare(tx, sitting.manager, sitting.candidate, "kinship", by=None, now=now)
    admin = await signed_in(hall.street.app, "a@example.org", "administrator")
    here = f"/centre/bookings/{sitting.booking}"
    file = await admin.get(f"{here}/{'recognition' if kind == 'evc' else 'deliberation'}?lang=en")
    assert f"{here}/substitution" in file.text
    said = {"assessor_id": other, "reason": "Parenté", "result": "full-qualification" if kind == "evc" else ""}
    assert (await admin.post(f"{here}/substitution", data=said | {"assessor_id": "x"})).status_code == 422
    assert (await admin.post(f"{here}/substitution", data=said | {"reason": " "})).status_code == 422
    assert (await admin.post(f"{here}/substitution", data=said)).status_code == 303
    assert "Nobody else is needed" not in text(await admin.get(f"{here}/substitution?lang=en"))
    async with hall.db.as_house().read() as tx:
        (decision,) = await decisions.of_booking(tx, sitting.booking)
        by = await tx.fetchval("select recorded_by from assessments.decisions where id = $1", decision.id)
        trail = await tx.fetchval(
            "select count(*) from service.audit where subject = 'assessments.decisions' and actor = $1", by
        )
    assert (str(decision.taken_by), decision.substitution) == (other, "Parenté")
    assert trail == 1
