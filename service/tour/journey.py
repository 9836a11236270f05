"""The journey itself, from opening a session to checking the certificate (README, "The whole journey in ten minutes")."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from typing import Any
from uuid import uuid4

import msgspec

from service import check
from service.i18n import BRUSSELS
from service.tour.souvenirs import Souvenirs
from service.tour.visitors import Surprise, Town, Visitor

UNIT = "TPCR-3"
OCCUPIED = {"technicity": 12, "digitalcity": 45, "logisticity": 26, "construcity": 73}  # the published table of 2023
PEOPLE = ("manager.digitalcity", "candidate", "evaluator", "observer")


async def play(town: Town, souvenirs: Souvenirs) -> None:
    """Play every step, or raise Surprise at the first that does not hold."""
    with step("Four people sign in with mailed links"):
        manager, candidate, evaluator, observer = [await town.sign_in(f"{name}@example.org") for name in PEOPLE]
    with step("The manager plans a session, gives its jury seats and opens it; the same room again is refused"):
        session = await open_session(town, manager)
    with step("The candidate finds the place and books it; the same request again is the same booking"):
        booking = await book(candidate, session)
    with step("The list is locked, identity and contract are seen, the test runs"):
        await hold_the_test(town, manager, session, booking)
    with step("Evaluator and observer record; neither sees the other's grid before both have submitted"):
        await record(town, evaluator, observer, booking)
    with step("The jury deliberates; a departure from the proposal without motivation is refused"):
        await decide(town, manager, session, booking)
    with step("The certificate is there, once; anyone can check it, only its holder shows the name"):
        await prove(town, candidate, booking, souvenirs)
    with step("Candidate, assessor, room and centre have their calendars"):
        await subscribe(candidate, evaluator, manager, session, souvenirs)
    with step("The annual report has the figures of 2023"):
        administrator = await town.sign_in("administrator@example.org")
        await report(administrator, souvenirs)
    with step("Every invariant holds over the whole database"):
        await audit(town, administrator, souvenirs)


@contextmanager
def step(sentence: str) -> Iterator[None]:
    """Tell what happens, then that it did."""
    sys.stdout.write(f"  … {sentence}\n")
    sys.stdout.flush()
    yield
    sys.stdout.write("    ✓\n")


async def open_session(town: Town, manager: Visitor) -> dict[str, Any]:
    centres = await manager.told("GET", "/centres", 200)
    own = next(centre for centre in centres if centre["code"] == "digitalcity")
    rooms = await manager.told("GET", f"/centres/{own['id']}/rooms", 200)
    room = next(room for room in rooms if room["kind"] == "cisco-lab")
    session = await first_free_day(town, manager, room["id"])
    wish = {"room_id": room["id"], "unit": UNIT, "language": "fr", "starts_at": session["starts_at"], "seats": 1}
    refused = await manager.told("POST", "/sessions", 409, wish)
    expect(refused["type"] == "/problems/room-busy", f"a refusal that names the room, not {refused}")
    for role in ("evaluator", "observer", "manager"):
        seat = {"assessor_id": await assessor_of(town, role), "role": role}
        await manager.told("POST", f"/sessions/{session['id']}/jury-seats", 201, seat)
    return await manager.told("PUT", f"/sessions/{session['id']}/opening", 200)  # type: ignore[no-any-return]


async def first_free_day(town: Town, manager: Visitor, room_id: str) -> dict[str, Any]:
    """Nine o'clock on the first day from three weeks on that the room, its equipment and the jury allow."""
    for ahead in range(21, 56):
        day = (town.clock() + timedelta(days=ahead)).astimezone(BRUSSELS).date()
        starts_at = datetime.combine(day, time(9), BRUSSELS).isoformat()
        wish = {"room_id": room_id, "unit": UNIT, "language": "fr", "starts_at": starts_at, "seats": 2}
        answer = await manager.client.post("/api/v1/sessions", json=wish)
        if answer.status_code == 201:
            return answer.json()  # type: ignore[no-any-return]
    raise Surprise("no free day for the room within eight weeks")


async def assessor_of(town: Town, role: str) -> str:
    address = "manager.digitalcity@example.org" if role == "manager" else f"{role}@example.org"
    async with town.running.db.read() as tx:
        return str(await tx.fetchval("select assessor_id from service.accounts where email = $1", address))


async def book(candidate: Visitor, session: dict[str, Any]) -> str:
    found = await candidate.told(
        "GET", f"/places?unit={UNIT}&language=fr&since={session['starts_at'][:10]}T00:00:00Z", 200
    )
    expect(session["id"] in [place["session_id"] for place in found], "the new session among the places")
    key, order = str(uuid4()), {"session_id": session["id"]}
    first = await candidate.told("POST", "/bookings", 201, order, idempotency_key=key)
    again = await candidate.told("POST", "/bookings", 201, order, idempotency_key=key)
    expect(first == again, "one booking for one key")
    refused = await candidate.told("POST", "/bookings", 409, order, idempotency_key=str(uuid4()))
    expect(refused["type"] == "/problems/unit-already-booked", f"a refusal that says why, not {refused}")
    return str(first["id"])


async def hold_the_test(town: Town, manager: Visitor, session: dict[str, Any], booking: str) -> None:
    await manager.told("PUT", f"/sessions/{session['id']}/lock", 200)
    await town.settle()
    town.clock.at = datetime.fromisoformat(session["starts_at"])
    manager.client.cookies.update((await town.sign_in("manager.digitalcity@example.org")).client.cookies)
    await manager.told("PUT", f"/sessions/{session['id']}/start", 409)
    await manager.told("PUT", f"/bookings/{booking}/identity-check", 200)
    await manager.told("PUT", f"/bookings/{booking}/contract", 200)
    await manager.told("PUT", f"/sessions/{session['id']}/start", 200)


async def record(town: Town, evaluator: Visitor, observer: Visitor, booking: str) -> None:
    for visitor, role in ((evaluator, "evaluator"), (observer, "observer")):
        visitor.client.cookies.update((await town.sign_in(f"{role}@example.org")).client.cookies)
    await fill_in(evaluator, "evaluator", booking)
    reading = await observer.told("GET", f"/bookings/{booking}/recordings", 200)
    expect([other["recording"] for other in reading["others"]] == [None], "the evaluator's grid, sealed")
    await fill_in(observer, "observer", booking)
    reading = await evaluator.told("GET", f"/bookings/{booking}/recordings", 200)
    expect(reading["unsealed"], "both grids, once both are submitted")


ANY = {"If-Match": "*"}  # nobody else writes here


async def fill_in(visitor: Visitor, role: str, booking: str) -> None:
    recording = await visitor.told("POST", f"/bookings/{booking}/recordings", 201, {"role": role})
    grid = (await visitor.told("GET", f"/units/{UNIT}", 200))["standard"]["grid"]
    lines = [line["code"] for criterion in grid["criteria"] for line in criterion["indicators"]]
    if role == "observer":
        lines += [line["code"] for line in grid["conformity"]]
    ratings = [{"indicator": code, "rating": "met", "reason": ""} for code in lines]
    await visitor.told("PUT", f"/recordings/{recording['id']}/ratings", 200, {"ratings": ratings[1:]}, **ANY)
    await visitor.told("PUT", f"/recordings/{recording['id']}/submission", 422)
    await visitor.told("PUT", f"/recordings/{recording['id']}/ratings", 200, {"ratings": ratings[:1]}, **ANY)
    await visitor.told("PUT", f"/recordings/{recording['id']}/submission", 200)


async def decide(town: Town, manager: Visitor, session: dict[str, Any], booking: str) -> None:
    await manager.told("PUT", f"/sessions/{session['id']}/end", 200)
    proposal = await manager.told("GET", f"/bookings/{booking}/proposal", 200)
    expect(proposal["outcome"] == "pass", f"a pass proposed by the grid, not {proposal['outcome']}")
    against = {"votes": {"evaluator": "fail", "observer": "fail", "manager": "fail"}, "outcome": "fail"}
    await manager.told("POST", f"/bookings/{booking}/deliberation", 422, against)
    votes = {"votes": {"evaluator": "pass", "observer": "pass", "manager": "pass"}, "outcome": "pass"}
    await manager.told("POST", f"/bookings/{booking}/deliberation", 201, votes)
    decision = await manager.told("POST", f"/bookings/{booking}/decision", 201, {})
    for _ in range(2):
        await manager.told("PUT", f"/decisions/{decision['id']}/release", 200)
    await town.settle()


async def prove(town: Town, candidate: Visitor, booking: str, souvenirs: Souvenirs) -> None:
    candidate.client.cookies.update((await town.sign_in("candidate@example.org")).client.cookies)
    shown = await candidate.told("GET", f"/bookings/{booking}", 200)
    expect(shown["result"] == "pass", "the released result")
    held = [each for each in await candidate.told("GET", "/certificates", 200) if each["unit_code"] == UNIT]
    expect(len(held) == 1, f"one certificate, not {len(held)}")
    certificate, anyone = held[0], town.stranger()
    path = f"/certificates/{certificate['id']}/document.pdf"
    pdf = (await candidate.ask("GET", path, 200)).content
    expect(pdf.startswith(b"%PDF-"), "a PDF")
    souvenirs.keep("certificate", "certificate.pdf", pdf, url=path, says="The certificate, as its holder has it.")
    path = f"/certificates/{certificate['public_code']}"
    page = await anyone.ask("GET", path, 200, Accept="text/html")
    souvenirs.keep("public-page", "certificate.html", page.content, url=path, says="What anyone sees who has the code.")
    async with town.running.db.read() as tx:
        name = await tx.fetchval("select holder_name from certificates.register where id = $1::uuid", certificate["id"])
    expect(name not in page.text, "no name on the public page")
    proof = await anyone.told("GET", f"/certificates/{certificate['public_code']}", 200)
    expect(proof["status"] == "valid", f"a valid certificate, not {proof['status']}")


async def subscribe(
    candidate: Visitor, evaluator: Visitor, manager: Visitor, session: dict[str, Any], souvenirs: Souvenirs
) -> None:
    orders = [
        ("a candidate", candidate, {"kind": "candidate"}),
        ("an assessor", evaluator, {"kind": "assessor"}),
        ("a room", manager, {"kind": "room", "owner_id": session["room_id"]}),
        ("a centre", manager, {"kind": "centre"}),
    ]
    begins = f"{datetime.fromisoformat(session['starts_at']).astimezone(BRUSSELS):%Y%m%d}T".encode()
    for whose, visitor, order in orders:
        address = (await visitor.told("POST", "/feeds", 201, order))["url"]
        feed = await visitor.ask("GET", address, 200)
        expect(begins in feed.content, f"the session in the calendar of {whose}")
        await visitor.ask("GET", address, 304, If_None_Match=feed.headers["etag"])
        souvenirs.keep(
            "calendar", f"{order['kind']}.ics", feed.content, url=feed.url.path, says=f"The calendar of {whose}."
        )


async def report(administrator: Visitor, souvenirs: Souvenirs) -> None:
    path = "/api/v1/reports/annual/2023"
    answer = await administrator.ask("GET", path, 200)
    counted = {line["line"]: line["spots"] for line in answer.json()["lines"]}["validations_and_screenings"]
    expect(counted == OCCUPIED, f"the table of 2023, not {counted}")
    says = "Training and skills validation: number of occupied spots, 2023."
    souvenirs.keep("annual-report", "annual-2023.json", answer.content, url=path, says=says)


async def audit(town: Town, administrator: Visitor, souvenirs: Souvenirs) -> None:
    async with town.running.db.read() as tx:
        await tx.execute("set local statement_timeout = 0")
        findings = await check.audit(tx, now=town.clock())
    listed = msgspec.json.format(msgspec.json.encode(findings), indent=2)
    souvenirs.keep(
        "invariants", "invariants.json", listed, url="preuve check --json", says="Every rule, and what breaks it."
    )
    broken = [finding.sentence for finding in findings if finding.violations]
    expect(not broken, f"no violation, but: {broken}")
    path = "/api/openapi.json"
    described = await administrator.ask("GET", path, 200)
    souvenirs.keep(
        "openapi", "openapi.json", described.content, url=path, says="The interface for programs, OpenAPI 3.1."
    )


def expect(held: object, sentence: str) -> None:
    """Refuse to go on unless it held."""
    if not held:
        raise Surprise(f"expected {sentence}")
