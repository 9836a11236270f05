"""Consents: without one the answer is no; one is for a scope, a recipient, a purpose and a time, and can be taken back."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from assessments import candidates, consents
from assessments.consents import Recipient
from assessments.refusals import (
    BY_CONSTRAINT,
    ConsentPeriodUnusable,
    NotFound,
    PurposeMissing,
    RecipientMissing,
    Refusal,
)
from tests.builders.assessments import a_candidate, a_unit

Tx = asyncpg.Connection
BAKER = Recipient("employer", "Boulangerie Peeters")
YEAR = timedelta(days=365)


async def given(tx: Tx, candidate: UUID, now: datetime, **changes: object) -> UUID:
    wish = {"purpose": "Prouver ma présence", "expires_at": now + YEAR, **changes}
    return await consents.give(tx, candidate, BAKER, "attendance", now=now, **wish)  # type: ignore[arg-type]


async def test_without_a_consent_nobody_is_told(tx: Tx, now: datetime) -> None:
    noor = await a_candidate(tx, now=now)
    for kind in ("employer", "actiris", "trainer"):
        for scope in ("attendance", "result"):
            assert await consents.standing(tx, noor, Recipient(kind, "Actiris"), scope, now=now) is None  # type: ignore[arg-type]


async def test_a_consent_is_for_its_recipient_scope_and_time_only(tx: Tx, now: datetime) -> None:
    noor, sam = await a_candidate(tx, now=now), await a_candidate(tx, now=now)
    consent = await given(tx, noor, now)

    async def stands(who: UUID = noor, to: Recipient = BAKER, scope: str = "attendance", at: datetime = now) -> bool:
        return await consents.standing(tx, who, to, scope, now=at) is not None  # type: ignore[arg-type]

    assert await stands()
    assert await stands(to=Recipient("employer", " boulangerie peeters "))
    assert not await stands(who=sam)
    assert not await stands(to=Recipient("trainer", BAKER.name))
    assert not await stands(to=Recipient("employer", "Boulangerie"))
    assert not await stands(scope="result")
    assert await stands(at=now + YEAR - timedelta(seconds=1))
    assert not await stands(at=now + YEAR)
    assert not await stands(at=now - timedelta(seconds=1))
    await consents.withdraw(tx, consent, candidate_id=noor, now=now + timedelta(days=1))
    await consents.withdraw(tx, consent, candidate_id=noor, now=now + timedelta(days=2))
    assert not await stands(at=now + timedelta(days=3))
    assert (await consents.get(tx, consent)).withdrawn_at == now + timedelta(days=1)


async def test_a_consent_for_one_unit_does_not_cover_another(tx: Tx, now: datetime) -> None:
    noor = await a_candidate(tx, now=now)
    wall, roof = await a_unit(tx, now=now), await a_unit(tx, now=now)
    await given(tx, noor, now, unit_id=wall.id)
    assert await consents.standing(tx, noor, BAKER, "attendance", unit_id=wall.id, now=now)
    assert await consents.standing(tx, noor, BAKER, "attendance", unit_id=roof.id, now=now) is None
    assert await consents.standing(tx, noor, BAKER, "attendance", now=now) is None
    await given(tx, noor, now)
    assert await consents.standing(tx, noor, BAKER, "attendance", unit_id=roof.id, now=now)


async def test_only_who_gave_it_takes_it_back(tx: Tx, now: datetime) -> None:
    noor, sam = await a_candidate(tx, now=now), await a_candidate(tx, now=now)
    consent = await given(tx, noor, now)
    with pytest.raises(NotFound):
        await consents.withdraw(tx, consent, candidate_id=sam, now=now)


@pytest.mark.parametrize("until", [timedelta(0), timedelta(days=-1), timedelta(days=730, seconds=1)])
async def test_a_consent_ends_in_the_future_and_within_the_policy(tx: Tx, now: datetime, until: timedelta) -> None:
    noor = await a_candidate(tx, now=now)
    with pytest.raises(ConsentPeriodUnusable):
        await given(tx, noor, now, expires_at=now + until)


@pytest.mark.parametrize(
    ("recipient", "purpose", "refusal"),
    [(BAKER, " ", PurposeMissing), (Recipient("employer", "\t"), "Pour la paie", RecipientMissing)],
)
async def test_a_consent_says_for_whom_and_what_for(
    tx: Tx, now: datetime, recipient: Recipient, purpose: str, refusal: type[Refusal]
) -> None:
    noor = await a_candidate(tx, now=now)
    with pytest.raises(asyncpg.CheckViolationError) as broken:
        await consents.give(tx, noor, recipient, "result", purpose=purpose, expires_at=now + YEAR, now=now)
    assert BY_CONSTRAINT[str(broken.value.constraint_name)] is refusal


async def test_nobody_erased_and_no_unit_that_is_none(tx: Tx, now: datetime) -> None:
    noor = await a_candidate(tx, now=now)
    with pytest.raises(NotFound):
        await given(tx, noor, now, unit_id=uuid4())
    await candidates.erase(tx, noor, by=None, now=now)
    with pytest.raises(NotFound):
        await given(tx, noor, now)
