"""The pages of an assessor's data, and of the substitute who decides, in a browser: axe, on a telephone and at the desk."""

from datetime import timedelta

import pytest
from playwright.async_api import Browser

from assessments import assessors, links
from service import exports
from service.exports import Whose
from tests.builders.assessments import a_sitting, deliberated, recorded
from tests.builders.browser import CHROMIUM, faults_at, window
from tests.builders.hall import Hall
from tests.service.test_substitutions import with_managers

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no Chromium at {CHROMIUM}")


async def a_decision_for_a_substitute(hall: Hall) -> str:
    """The centre's managers are kin of the candidate, and another centre has one: where an administrator chooses them."""
    async with hall.db.as_house().transaction() as tx:
        sitting = await a_sitting(tx, now=hall.street.now)
        await with_managers(tx, sitting, hall.street.now)
        await recorded(tx, sitting)
        await deliberated(tx, sitting)
        await tx.execute(
            "update scheduling.sessions set ended_at = $2 where id = $1", sitting.session, sitting.test_day
        )
        await links.declare(tx, sitting.manager, sitting.candidate, "kinship", by=None, now=hall.street.now)
    return f"/centre/bookings/{sitting.booking}/substitution"


@pytest.mark.parametrize(
    "language",
    [
        "fr",
        pytest.param("nl", marks=pytest.mark.pages),
        pytest.param("en", marks=pytest.mark.pages),
        pytest.param("de", marks=pytest.mark.pages),
    ],
)
async def test_no_page_has_a_finding(hall: Hall, address: str, browser: Browser, language: str, width: int) -> None:
    await hall.planned()
    async with hall.db.transaction() as tx:
        await exports.ask(tx, Whose(assessor_id=hall.evaluator_id), language="fr", now=hall.street.now)
        await assessors.leave(tx, hall.observer_id, now=hall.street.now - timedelta(days=40))
    found = []
    substitution = await a_decision_for_a_substitute(hall)
    for person, path in (
        (hall.administrator, substitution), (hall.evaluator, "/record"), (hall.observer, "/record"),
        (hall.manager, "/centre/leaving"), (hall.administrator, "/centre/leaving"),
    ):  # fmt: skip
        page = await window(browser, address, person, language, bypass_csp=True)
        answer = await page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        found += await faults_at(page, width, path)
    assert found == []
