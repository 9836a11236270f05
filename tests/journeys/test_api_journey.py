"""From a draft to the certificate, over the interface only: everyone signed in, the worker's reactions in between."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from assessments import accreditations
from service import outbox
from service.reactions import BY_TOPIC
from tests.builders.assessments import CHECKS, INDICATORS, YEARS, a_candidate, a_room, a_unit, an_assessor
from tests.builders.watch import Watch
from tests.builders.web import confirmed, serving, signed_in, stranger


class Company:
    """Everyone who plays, and the things they play with."""

    watch: Watch
    app: Litestar
    candidate: httpx.AsyncClient
    evaluator: httpx.AsyncClient
    observer: httpx.AsyncClient
    manager: httpx.AsyncClient
    stranger: httpx.AsyncClient
    room: str
    unit: str
    jury: dict[str, UUID]

    async def reactions(self) -> None:
        """What the worker would do; at the end nothing waits."""
        await outbox.drain(self.app.state.running.as_house(), BY_TOPIC)
        async with self.app.state.running.db.as_house().read() as tx:
            assert await outbox.census(tx) == outbox.Census(0, 0, 0, None)


@pytest.fixture
async def company(database_url: str, valkey_url: str, tmp_path: Path, now: datetime) -> AsyncIterator[Company]:
    company = Company()
    company.watch = Watch(now)
    async with serving(database_url, valkey_url, tmp_path, company.watch) as company.app:
        async with company.app.state.running.db.as_house().transaction() as tx:
            unit, room = await a_unit(tx, now=now), await a_room(tx)
            days = {"first_day": YEARS[0], "last_day": YEARS[1]}
            await accreditations.grant(tx, room.centre_id, unit.trade_id, reference="AGR", **days)
            company.jury = {
                "evaluator": await an_assessor(tx, now=now, qualified_for=unit.trade_id, centre_id=room.centre_id),
                "observer": await an_assessor(tx, now=now, qualified_for=unit.trade_id, roles=("observer",)),
                "manager": await an_assessor(tx, now=now, centre_id=room.centre_id),
            }
            candidate = await a_candidate(tx, now=now)
        company.room, company.unit = str(room.id), unit.code
        app, jury = company.app, company.jury
        company.candidate = await signed_in(app, "candidate@example.org", "candidate", candidate_id=candidate)
        company.evaluator = await signed_in(app, "evaluator@example.org", "assessor", assessor_id=jury["evaluator"])
        company.observer = await signed_in(app, "observer@example.org", "assessor", assessor_id=jury["observer"])
        company.manager = await signed_in(
            app, "manager@example.org", "manager", centre_id=room.centre_id, assessor_id=jury["manager"]
        )
        company.stranger = stranger(app)
        yield company


def said(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def refused(answer: httpx.Response) -> str:
    assert 400 <= answer.status_code < 500, answer.text
    return str(answer.json()["type"]).removeprefix("/problems/")


async def test_the_whole_journey(company: Company) -> None:
    session = await opened(company)
    booking = await booked(company, session)
    await on_the_day(company, session, booking)
    for who, role in ((company.evaluator, "evaluator"), (company.observer, "observer")):
        await recorded(company, who, role, booking)
    decision = await decided(company, booking)
    await certified(company, booking, decision)
    await with_calendars(company)


async def opened(company: Company) -> str:
    """A manager plans a session, seats the jury and opens it."""
    wish = {
        "room_id": company.room,
        "unit": company.unit,
        "language": "fr",
        "starts_at": (company.watch.now + timedelta(days=14)).isoformat(),
        "seats": 2,
    }
    session = str((said(await company.manager.post("/api/v1/sessions", json=wish), 201))["id"])
    assert refused(await company.manager.put(f"/api/v1/sessions/{session}/opening")) == "seats-exceed-capacity"
    for role, assessor in company.jury.items():
        order = {"assessor_id": str(assessor), "role": role}
        said(await company.manager.post(f"/api/v1/sessions/{session}/jury-seats", json=order), 201)
    said(await company.manager.put(f"/api/v1/sessions/{session}/opening"))
    await company.reactions()
    return session


async def booked(company: Company, session: str) -> str:
    """A candidate finds the place and books it; then sees why a second one is refused."""
    wanted = {"unit": company.unit, "language": "fr", "since": company.watch.now.isoformat()}
    place = (said(await company.candidate.get("/api/v1/places", params=wanted)))[0]
    assert (place["session_id"], place["refusals"]) == (session, [])
    order, key = {"session_id": session}, {"Idempotency-Key": "my-first-booking"}
    booking = said(await company.candidate.post("/api/v1/bookings", json=order, headers=key), 201)
    place = (said(await company.candidate.get("/api/v1/places", params=wanted)))[0]
    assert place["refusals"][0]["type"] == "/problems/unit-already-booked"
    assert place["refusals"][0]["title"]
    await company.reactions()
    return str(booking["id"])


async def on_the_day(company: Company, session: str, booking: str) -> None:
    """The list is locked; on the day identity and contract are checked, and the test runs."""
    said(await company.manager.put(f"/api/v1/sessions/{session}/lock"))
    await company.reactions()
    assert (said(await company.candidate.get(f"/api/v1/bookings/{booking}")))["state"] == "convoked"
    company.watch.now += timedelta(days=14)
    early = await company.evaluator.post(f"/api/v1/bookings/{booking}/recordings", json={"role": "evaluator"})
    assert early.status_code == 401, "a fortnight later everyone has to sign in again"
    await everyone_signs_in_again(company)
    early = await company.evaluator.post(f"/api/v1/bookings/{booking}/recordings", json={"role": "evaluator"})
    assert refused(early) == "candidate-not-attended"
    for step in (f"bookings/{booking}/identity-check", f"bookings/{booking}/contract", f"sessions/{session}/start"):
        said(await company.manager.put(f"/api/v1/{step}"))
    company.watch.now += timedelta(hours=4)
    said(await company.manager.put(f"/api/v1/sessions/{session}/end"))


async def everyone_signs_in_again(company: Company) -> None:
    async with company.app.state.running.db.as_house().transaction() as tx:
        await tx.execute(
            "update service.logins set seen_at = $1, expires_at = $2",
            company.watch.now,
            company.watch.now + timedelta(days=7),
        )


ANY = {"If-Match": "*"}


async def recorded(company: Company, who: httpx.AsyncClient, role: str, booking: str) -> None:
    """One of the jury rates the grid, blind to the other, and submits."""
    started = said(await who.post(f"/api/v1/bookings/{booking}/recordings", json={"role": role}), 201)
    address = f"/api/v1/recordings/{started['id']}"
    assert refused(await who.put(f"{address}/submission")) == "rating-missing"
    codes = INDICATORS + (CHECKS if role == "observer" else [])
    marks = [{"indicator": code, "rating": "met"} for code in codes]
    said(await who.put(f"{address}/ratings", json={"ratings": marks, "remarks": "RAS"}, headers=ANY))
    foreign = company.observer if role == "evaluator" else company.evaluator
    assert (await foreign.put(f"{address}/ratings", json={"ratings": marks}, headers=ANY)).status_code == 404
    reading = said(await who.get(f"/api/v1/bookings/{booking}/recordings"))
    assert [other["recording"] for other in reading["others"]] in ([], [None]), "sealed until both are in"
    said(await who.put(f"{address}/submission"))


async def decided(company: Company, booking: str) -> str:
    """The grid proposes, the jury decides, the manager takes and releases the decision."""
    reading = said(await company.evaluator.get(f"/api/v1/bookings/{booking}/recordings"))
    assert reading["others"][0]["recording"]["remarks"] == "RAS"
    proposal = said(await company.manager.get(f"/api/v1/bookings/{booking}/proposal"))
    assert proposal["outcome"] == "pass"
    votes = {"evaluator": "pass", "observer": "pass", "manager": "pass"}
    against = {"votes": dict.fromkeys(votes, "fail"), "outcome": "fail"}
    unsaid = await company.manager.post(f"/api/v1/bookings/{booking}/deliberation", json=against)
    assert refused(unsaid) == "motivation-missing"
    verdict = {"votes": votes, "outcome": "pass"}
    said(await company.manager.post(f"/api/v1/bookings/{booking}/deliberation", json=verdict), 201)
    taken = said(await company.manager.post(f"/api/v1/bookings/{booking}/decision", json={}), 201)
    untold = said(await company.candidate.get(f"/api/v1/bookings/{booking}"))
    assert untold["result"] is None
    too_soon = await company.candidate.post(f"/api/v1/decisions/{taken['id']}/appeal", json={"grounds": "?"})
    assert too_soon.status_code == 404, "nobody has been told"
    assert refused(await company.manager.put(f"/api/v1/decisions/{taken['id']}/release")) == "step-up-needed"
    await confirmed(company.app, "manager@example.org")
    said(await company.manager.put(f"/api/v1/decisions/{taken['id']}/release"))
    said(await company.manager.put(f"/api/v1/decisions/{taken['id']}/release"))
    return str(taken["id"])


async def certified(company: Company, booking: str, decision: str) -> None:
    """The reaction issues one certificate; anyone who has its code can verify it, and learns no name."""
    await company.reactions()
    told = said(await company.candidate.get(f"/api/v1/bookings/{booking}"))
    assert (told["result"], told["decision_id"], told["state"]) == ("pass", decision, "closed")
    (certificate,) = said(await company.candidate.get("/api/v1/certificates"))
    assert (certificate["status"], certificate["unit_code"]) == ("valid", company.unit)
    typed = certificate["public_code"].lower().replace("-", " ")
    proof = said(await company.stranger.get(f"/api/v1/certificates/{typed}"))
    assert (proof["status"], proof["unit_code"]) == ("valid", company.unit)
    assert set(proof) == {
        "status", "unit_code", "unit_label", "trade_label", "centre_name", "issued_on", "recognised", "competences",
    }  # fmt: skip
    unknown = said(await company.stranger.get("/api/v1/certificates/PRV-0000"))
    assert unknown["status"] == "unknown"
    appeal = await company.candidate.post(
        f"/api/v1/decisions/{decision}/appeal", json={"grounds": "The wall was straight"}
    )
    assert (said(appeal, 201))["outcome"] is None
    await company.reactions()


async def with_calendars(company: Company) -> None:
    """Each of the four kinds of calendar has an address, for whom it belongs to."""
    orders: list[tuple[httpx.AsyncClient, dict[str, str]]] = [
        (company.candidate, {"kind": "candidate"}),
        (company.evaluator, {"kind": "assessor"}),
        (company.manager, {"kind": "centre"}),
        (company.manager, {"kind": "room", "owner_id": company.room}),
    ]
    for who, order in orders:
        made = said(await who.post("/api/v1/feeds", json=order), 201)
        calendar = await company.stranger.get(made["url"])
        assert calendar.status_code == 200
        assert company.unit in calendar.text or "Monter un mur" in calendar.text
        assert made["id"] in [feed["id"] for feed in said(await who.get("/api/v1/feeds"))]
    foreign = await company.candidate.post("/api/v1/feeds", json={"kind": "room", "owner_id": company.room})
    assert foreign.status_code == 404
    assert (await company.manager.delete(f"/api/v1/feeds/{made['id']}")).status_code == 204
    assert (await company.stranger.get(made["url"])).status_code in (404, 410)
