"""What the matrix cannot find out by itself: in which stage a thing has to be for an address, and what a body says."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from litestar import Litestar
from litestar.routes import HTTPRoute
from msgspec import Struct

from service import auth
from service.access import Rule
from service.exporting.lists import EXPORTS
from tests.access import identified, objected, planned, written
from tests.access.conftest import NOW, Actor
from tests.builders.assessments import all_met
from tests.builders.worlds import World, code_of, weekday_before

Body = dict[str, Any]


class Address(Struct, frozen=True):
    """One method of one path, and the line of the table that its handler names."""

    method: str
    path: str
    rule: Rule | None

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> list[str]:
        return [part.partition("}")[0] for part in self.path.split("{")[1:]]

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")

    @property
    def names_something(self) -> bool:
        """Whether it is about one thing, by its path or in its body."""
        fixed = {"year", "figure"}
        names = set(self.parameters) - fixed if not self.path.startswith(("/sign-in/", "/address/")) else set[str]()
        return bool(names) or self.name in BODIES_THAT_NAME or self.name in QUERIES


def addresses(app: Litestar) -> list[Address]:
    """All that the router knows."""
    found = []
    for route in app.routes:
        assert isinstance(route, HTTPRoute)
        for handler in route.route_handlers:
            methods = {str(method) for method in handler.http_methods} - {"OPTIONS", "HEAD"}
            found += [Address(method, route.path_format, auth.rule_of(handler)) for method in methods]
    return sorted(found, key=lambda address: (address.path, address.method))


# The stage in which an address finds what it is about; by the name of its line, or of the address itself.
STAGE = {
    "openings": "promised", "openings.announce": "draft",
    "places": "free", "bookings": "open", "papers": "open", "results": "failed", "privacy": "shared", "alerts": "shared",
    "sessions": "draft",
    "jury_seats": "draft", "attendance": "signed", "agenda": "running", "recordings": "rated", "decisions": "recorded",
    "appeals": "appealed", "appeals.rule": "lodged", "complaints": "failed", "audit": "recorded", "quality": "recorded",
    "lists": "planned",
    "invitations": "planned", "availability": "planned", "repairs": "planned", "closures": "planned", "equipment": "planned",
    "sessions.split": "open", "sessions.merge": "open",
    "attendance.scan": "locked", "attendance.turn_away": "due",
    "papers.minutes": "recorded",
    "sessions.lock": "open", "appeals.lodge": "failed", "decisions.decide": "deliberated", "decisions.release": "decided",
    "decisions.substitute": "deliberated",
    "results.document": "passed", "results.register": "passed", "results.verify": "passed", "results.standing": "passed",
    "recordings.photo": "recorded", "recordings.recommend": "screened",
    "waiting": "asked", "measures": "asked", "guidance": "planned", "absences": "excused",
    "bookings.accept": "held", "bookings.excuse": "missed", "journey.withdraw": "missed",
    "POST /api/v1/bookings/{booking_id}/companions": "locked", "POST /centre/bookings/{booking_id}/companions": "locked",
    "GET /centre/sessions/{session_id}/companions": "locked",
    "POST /recordings/{booking_id}/corrections": "recorded",
    "POST /api/v1/bookings/{booking_id}/recordings": "running",
    "POST /centre/bookings/{booking_id}/profile": "screened", "PUT /api/v1/bookings/{booking_id}/profile": "screened",
    "GET /centre/bookings/{booking_id}/profile": "screened",
    "decisions.fee": "recorded", "POST /centre/bookings/{booking_id}/recognition": "recorded",
    "POST /api/v1/bookings/{booking_id}/recognition": "recorded",
    "POST /centre/bookings/{booking_id}/recognition/release": "recorded",
    "PUT /api/v1/sessions/{session_id}/start": "signed",
    "POST /centre/sessions/{session_id}/start": "signed",
    "PUT /api/v1/sessions/{session_id}/end": "running",
    "POST /centre/sessions/{session_id}/end": "running",
    **planned.STAGE,
    **written.STAGE,
}  # fmt: skip


def stage_of(address: Address) -> str:
    assert address.rule is not None
    line = f"{address.rule.resource}.{address.rule.action}"
    return STAGE.get(address.name) or STAGE.get(line) or STAGE.get(address.rule.resource) or "open"


def parameters(address: Address, world: World | None, actor: Actor, owner: Actor) -> dict[str, str]:
    """What the path names in this world; of no world: what never was."""
    stage = stage_of(address)
    known = dict(world.things.get(stage, {})) if world else {}
    if world:
        own = "observer" if actor.name == "observer" else "evaluator"
        mine = own if owner is actor else {"observer": "evaluator", "evaluator": "observer"}[own]
        known |= {
            "centre_id": world.centre_id,
            **owner.keeps,
            "recording_id": world.grids.get(("rated", mine)),
        }
        known |= {
            "assessor_id": world.reviewer_id,
            "year": 2026,
            "slug": "not-found",
            "name": "preuve.css",
            "file": f"{world.things['shared']['calendar']}.ics",
        }
        if address.rule and address.rule.resource == "availability":
            known["assessor_id"] = world.spare_id
        if address.path.startswith("/check-in/"):
            known["code"] = known["check_in"]
        known |= {"figure": "pairs", "fingerprint": "0", "role": "evaluator", "kind": "enrolment"}
        known |= {"form": "csv", "list_name": "rooms"}
        if address.path.startswith("/pictures"):
            known["name"] = known["picture"]
        if address.path.startswith("/mail"):
            known["name"] = "mail-1"
        if address.path.startswith("/address/"):
            which = "stop_address" if address.path.startswith("/address/stop/") else "new_address"
            known["token"] = world.things["shared"][which]
        if address.path.startswith("/alerts/stop"):
            known["token"] = world.things["shared"]["stop"]
        if address.rule and address.rule.resource == "results":
            known["code"] = known.get("public_code", "")
    return {name: str(known.get(name) or _never(name, address)) for name in address.parameters}


def _never(name: str, address: Address) -> str:
    """What no world has, in the shape that the path asks for."""
    if name.endswith("_id"):
        return str(uuid4())
    if name == "year":
        return "2026"
    if name == "role":
        return "evaluator"
    return {
        "code": "nothing"
        if address.path.startswith("/check-in/")
        else "ZZZZ-9"
        if address.path.startswith(("/units", "/api/v1/units"))
        else 200 * "x",
        "slug": "nothing",
        "file": "nothing.ics",
    }.get(name, "nothing")


def _order(world: World | None) -> Body:
    return {"session_id": str(world.things["free"]["session_id"] if world else uuid4())}


def _centre(world: World | None, *_: Actor) -> Body:
    return {"centre": world.centre_code if world else "nothing"}


def _room(world: World | None) -> str:
    return str(world.room.id if world else uuid4())


def _calendar(world: World | None, actor: Actor, owner: Actor) -> Body:
    """The kind that somebody in this role has."""
    account = actor.account
    if world is None or account is None:
        return {"kind": "centre", "owner_id": str(uuid4())}
    if account.role == "candidate":
        return {"kind": "candidate", "owner_id": str(world.candidate_id)}
    if account.role == "assessor":
        return {"kind": "assessor", "owner_id": str(_juror_in(world, actor, owner))}
    return {"kind": "centre", "owner_id": str(world.centre_id)}


def _juror_in(world: World, actor: Actor, owner: Actor) -> UUID:
    """The caller, if they have a part in their own world; else somebody who has."""
    mine, everyone = actor.account.assessor_id if actor.account else None, [*world.jury.values(), world.reviewer_id]
    return next(one for one in everyone if (one == mine) == (owner is actor and mine in everyone))


LATER = weekday_before(NOW, -20)
VOTES = {"evaluator": "pass", "observer": "pass", "manager": "pass"}
GRID_FORM = {rating.indicator: rating.rating for rating in all_met()}
CONFORMITY_FORM = {rating.indicator: rating.rating for rating in all_met(observer=True)}
RATINGS = [{"indicator": rating.indicator, "rating": rating.rating, "reason": ""} for rating in all_met()]

Made = Callable[[World | None, Actor, Actor], Body]
BODIES_THAT_NAME: dict[str, Made] = {
    "POST /api/v1/openings": lambda world, *_: {
        "session_id": str(world.things["draft"]["session_id"] if world else uuid4()),
        "draws_at": (NOW + timedelta(days=3)).isoformat()},
    "POST /bookings": lambda world, *_: _order(world) | {"key": uuid4().hex},
    "POST /api/v1/bookings": lambda world, *_: _order(world),
    "POST /holds": lambda world, *_: _order(world) | {"key": uuid4().hex},
    "POST /api/v1/holds": lambda world, *_: _order(world),
    "POST /calendars": _calendar,
    "POST /api/v1/feeds": _calendar,
    "POST /api/v1/sessions": lambda world, *_: {
        "room_id": _room(world), "unit": code_of("draft"), "language": "fr", "starts_at": LATER.isoformat(), "seats": 2},
    **planned.BODIES_THAT_NAME,
    **objected.BODIES_THAT_NAME,
    "POST /bundles": lambda world, *_: {"session": str(world.things["recorded"]["session_id"] if world else uuid4())},
    "POST /bundles/names": lambda world, *_: {"session": str(world.things["recorded"]["session_id"] if world else uuid4())},
    "POST /centre/sessions/new": lambda world, *_: _centre(world) | {
        "room_id": _room(world), "unit": code_of("draft"), "language": "fr", "day": LATER.date().isoformat(), "at": "09:00",
        "seats": "2"},
}  # fmt: skip
# Pages of a centre, which its address names only for those who have more than one.
QUERIES: dict[str, Made] = {
    "GET /api/v1/why-not": lambda world, *_: {"unit": code_of("draft") if world else "ZZZZ-9"},
    "GET /centre/lists": _centre, **{f"GET /centre/exports/{each.name}/{{form}}": _centre for each in EXPORTS},
    "GET /centre/ways": _centre, "GET /centre": _centre, "GET /centre/today": _centre, "GET /centre/sessions/new": _centre,
    "GET /centre/certificates": _centre, "GET /centre/series/new": _centre, "GET /centre/repairs/new": _centre,
    "GET /centre/closures": _centre, "GET /centre/equipment": _centre,
}  # fmt: skip
BODIES: dict[str, Made] = BODIES_THAT_NAME | {
    "POST /bookings/{booking_id}/rescheduling": lambda world, *_: _order(world) | {"key": uuid4().hex},
    "POST /api/v1/bookings/{booking_id}/rescheduling": lambda world, *_: _order(world),
    "POST /bookings/{booking_id}/excuse": lambda *_: {"reason": "malade"},
    "POST /api/v1/bookings/{booking_id}/excuse": lambda *_: {"reason": "malade"},
    "POST /centre/excuses/{excuse_id}/answer": lambda *_: {"answer": "excused"},
    "POST /waiting": lambda *_: {
        "unit": code_of("failed"), "earliest": "2026-09-01", "languages": "fr", "mornings": "1", "afternoons": "2"},
    "POST /api/v1/waiting": lambda *_: {"unit": code_of("failed"), "earliest": "2026-09-01", "languages": ["fr"]},
    "POST /measures": lambda *_: {"measure": "other"},
    "POST /api/v1/measures": lambda *_: {"measure": "other"},
    "POST /centre/measures/{accommodation_id}/answer": lambda *_: {"answer": "granted"},
    "PUT /api/v1/measures/{accommodation_id}/answer": lambda *_: {"answer": "granted"},
    "POST /api/v1/bookings/{booking_id}/companions": lambda world, *_: {
        "assessor_id": str(world.spare_id if world else uuid4()), "measure": "interpreter"},
    "POST /centre/bookings/{booking_id}/companions": lambda world, *_: {
        "assessor_id": str(world.spare_id if world else uuid4()), "measure": "interpreter"},
    **identified.BODIES,
    **planned.BODIES,
    **written.BODIES,
    **objected.BODIES,
    "POST /quality/{figure}/names": lambda *_: {"year": "2026"},
    "POST /centre/sessions/{session_id}/announcement": lambda *_: {
        "day": (NOW + timedelta(days=3)).date().isoformat(), "at": "12:00"},
    "POST /alerts": lambda *_: {"query": f"what={code_of('open')}"},
    "POST /api/v1/alerts": lambda *_: {"what": code_of("open")},
    "PUT /api/v1/certificates/{certificate_id}/suspension": lambda *_: {"reason": "Enquête."},
    "PUT /api/v1/certificates/{certificate_id}/withdrawal": lambda *_: {"reason": "Fraude."},
    "POST /centre/certificates/{certificate_id}/suspension": lambda *_: {"why_suspended": "Enquête."},
    "POST /centre/certificates/{certificate_id}/withdrawal": lambda *_: {"why_withdrawn": "Fraude."},
    "POST /certificates/{code}/holder": lambda *_: {"serial": "2026-000001"},
    "POST /decisions/{decision_id}/appeal": lambda *_: {"grounds": "Je ne suis pas d’accord."},
    "POST /api/v1/decisions/{decision_id}/appeal": lambda *_: {"grounds": "Je ne suis pas d’accord."},
    "POST /appeals/{appeal_id}/reviewers": lambda world, *_: {"assessor_id": str(world.spare_id if world else uuid4())},
    "POST /appeals/{appeal_id}/answer": lambda *_: {"answer": "rejected", "motivation": "Relu."},
    "POST /api/v1/appeals/{appeal_id}/answer": lambda *_: {"outcome": "rejected", "motivation": "Relu."},
    "POST /centre/sessions/{session_id}/time": lambda world, *_: {
        "day": LATER.date().isoformat(), "at": "09:00", "room_id": _room(world), "version": "*"},
    "PUT /api/v1/sessions/{session_id}/seats": lambda *_: {"seats": 1},
    "PUT /api/v1/sessions/{session_id}/time": lambda world, *_: {"starts_at": LATER.isoformat(), "room_id": _room(world)},
    "POST /centre/sessions/{session_id}/cancellation": lambda *_: {"reason": "Panne."},
    "POST /api/v1/sessions/{session_id}/cancellation": lambda *_: {"reason": "Panne."},
    "POST /centre/sessions/{session_id}/jury-seats": lambda world, *_: {
        "assessor_id": str(world.spare_id if world else uuid4()), "role": "evaluator"},
    "POST /api/v1/sessions/{session_id}/jury-seats": lambda world, *_: {
        "assessor_id": str(world.spare_id if world else uuid4()), "role": "evaluator"},
    "POST /centre/jury-seats/{seat_id}/replacement": lambda world, *_: {
        "assessor_id": str(world.spare_id if world else uuid4())},
    "POST /api/v1/jury-seats/{seat_id}/replacement": lambda world, *_: {
        "assessor_id": str(world.spare_id if world else uuid4())},
    "POST /api/v1/sessions/{session_id}/day/entries": lambda _world, actor, _: {
        "assessor_id": str((actor.account and actor.account.assessor_id) or uuid4()), "device_id": str(uuid4()),
        "entries": []},
    "POST /recordings/{booking_id}/choices": lambda *_: {"indicator": "1.1"},
    "POST /recordings/{booking_id}/corrections": lambda *_: {"indicator": "1.2", "rating": "not_met", "motive": "Relu"},
    "POST /api/v1/recordings/{recording_id}/corrections": lambda *_: {
        "indicator": "1.2", "rating": "not_met", "motive": "Relu"},
    "POST /recordings/{booking_id}/recommendations": lambda *_: {"trainings": "Échelles"},
    "POST /recordings/{booking_id}": lambda _world, actor, _: {
        **(CONFORMITY_FORM if actor.name == "observer" else {}), **GRID_FORM, "remarks": "", "version": "*"},
    "POST /api/v1/bookings/{booking_id}/recordings": lambda _world, actor, _: {
        "role": "observer" if actor.name == "observer" else "evaluator"},
    "PUT /api/v1/recordings/{recording_id}/ratings": lambda *_: {"ratings": RATINGS},
    "POST /centre/bookings/{booking_id}/deliberation": lambda *_: VOTES | {"outcome": "pass", "motivation": ""},
    "POST /centre/bookings/{booking_id}/recognition": lambda *_: {"result": "competences"},
    "POST /centre/bookings/{booking_id}/fee": lambda *_: {"settled_as": "paid"},
    "POST /api/v1/bookings/{booking_id}/recognition": lambda *_: {"result": "competences"},
    "POST /api/v1/bookings/{booking_id}/substitution": lambda *_: {"assessor_id": str(uuid4()), "reason": "Parenté"},
    "POST /centre/bookings/{booking_id}/substitution": lambda *_: {"assessor_id": str(uuid4()), "reason": "Parenté"},
    "PUT /api/v1/bookings/{booking_id}/fee": lambda *_: {"settled_as": "paid"},
    "PUT /api/v1/bookings/{booking_id}/recommendations": lambda *_: {"trainings": ["Échelles"]},
    "POST /api/v1/bookings/{booking_id}/deliberation": lambda *_: {"votes": VOTES, "outcome": "pass"},
    "POST /api/v1/bookings/{booking_id}/decision": lambda *_: {},
}  # fmt: skip
