"""What a body says where sessions are planned, split, merged and repaired."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from tests.access.conftest import NOW, Actor
from tests.builders.worlds import World, code_of, weekday_before

Body = dict[str, Any]
Made = Callable[[World | None, Actor, Actor], Body]
LATER = weekday_before(NOW, -20)


def _centre(world: World | None) -> Body:
    return {"centre": world.centre_code if world else "nothing"}


def _room(world: World | None) -> str:
    return str(world.room.id if world else uuid4())


def _fails(world: World | None) -> Body:
    return {
        "starts_at": FAR.isoformat(), "ends_at": LATER.replace(year=2027).isoformat(), "reason": "Panne.", "trouble": "room",
        "subject_id": _room(world), "centre_id": str(world.centre_id if world else uuid4()),
    }  # fmt: skip


def _series(world: World | None) -> Body:
    return {
        "unit": code_of("draft"), "room_id": _room(world), "language": "fr", "seats": 2, "first_day": FAR.date().isoformat(),
        "rule": "FREQ=WEEKLY;COUNT=1", "at": "09:00:00",
    }  # fmt: skip


def _series_form(world: World | None) -> Body:
    day = FAR.date().isoformat()
    return _centre(world) | {
        "unit": code_of("draft"), "room_id": _room(world), "language": "fr", "seats": "2", "first_day": day, "until": day,
        "at": "09:00", "every": "1", "weekdays": WEEKDAY, "chosen": f"{day}T09:00:00+02:00|",
    }  # fmt: skip


def _split(world: World | None) -> Body:
    return {
        "room_id": _room(world), "starts_at": FAR.isoformat(), "seats": 2,
        "jury": [{"assessor_id": str(world.spare_id if world else uuid4()), "role": "evaluator"}],
        "bookings": [str(world.things["open"]["booking_id"] if world else uuid4())],
    }  # fmt: skip


def _closing(world: World | None) -> Body:
    """On a day on which nothing is planned."""
    return {
        "starts_at": "2027-03-15T00:00:00+01:00", "ends_at": "2027-03-16T00:00:00+01:00", "reason": "Travaux.",
        "room_id": _room(world),
    }  # fmt: skip


def _piece(world: World | None) -> str:
    return str(world.things["planned"]["piece"] if world else uuid4())


def _broken(world: World | None) -> Body:
    return {"starts_at": "2027-03-15T00:00:00+01:00", "reason": "Panne.", "equipment_id": _piece(world)}


# The hour of the test has come, and nothing is noted yet; what was noted by mistake.
STAGE = {
    "PUT /api/v1/bookings/{booking_id}/no-show": "due", "POST /centre/bookings/{booking_id}/no-show": "due",
    "DELETE /api/v1/bookings/{booking_id}/no-show": "missed", "POST /centre/bookings/{booking_id}/no-show/removal": "missed",
    "DELETE /api/v1/bookings/{booking_id}/turning-away": "turned",
    "POST /centre/bookings/{booking_id}/turning-away/removal": "turned",
}  # fmt: skip
FAR = weekday_before(NOW, -32)
WEEKDAY = ("MO", "TU", "WE", "TH", "FR")[FAR.weekday()]
BODIES_THAT_NAME: dict[str, Made] = {
    "POST /centre/ways": lambda world, *_: _centre(world) | {
        "one_site": str(world.things["planned"]["one_site"] if world else uuid4()),
        "other_site": str(world.things["planned"]["other_site"] if world else uuid4()), "minutes": "25"},
    "POST /api/v1/series/preview": lambda world, *_: _series(world),
    "POST /api/v1/series": lambda world, *_: {
        "pattern": _series(world), "dates": [{"starts_at": f"{FAR.date()}T09:00:00+02:00"}]},
    "POST /centre/series/preview": lambda world, *_: _series_form(world),
    "POST /centre/series": lambda world, *_: _series_form(world),
    "POST /centre/closures": lambda world, *_: _centre(world) | {
        "act": "close", "room": _room(world), "from_day": "2027-03-15", "reason": "Travaux."},
    "POST /centre/equipment": lambda world, *_: _centre(world) | {"kind": "forklift", "name": "Chariot"},
    "POST /centre/retirements": lambda world, *_: _centre(world) | {"retired": _piece(world)},
    "POST /centre/guidance": lambda world, *_: _centre(world) | {
        "enrolment": str(world.things["planned"]["enrolment_id"] if world else uuid4()), "advice": "reserved"},
    "POST /centre/outages": lambda world, *_: _centre(world) | {
        "act": "enter", "piece": _piece(world), "from_day": "2027-03-15", "reason": "Panne."},
    "POST /api/v1/repairs": lambda world, *_: _fails(world),
    "POST /centre/repairs": lambda world, *_: _centre(world) | {
        "subject": f"room:{_room(world)}", "from_day": FAR.date().isoformat(), "from_at": "00:00", "to_day": "2026-12-31",
        "to_at": "00:00", "reason": "Panne."},
}  # fmt: skip
BODIES: dict[str, Made] = {
    "POST /api/v1/sessions/{session_id}/copies": lambda world, *_: {
        "room_id": _room(world), "starts_at": FAR.isoformat()},
    "POST /centre/sessions/{session_id}/copy": lambda world, *_: {
        "day": FAR.date().isoformat(), "at": "09:00", "room_id": _room(world)},
    "POST /centre/sessions/{session_id}/places": lambda *_: {"seats": "1"},
    "POST /centre/sessions/{session_id}/time/consequences": lambda world, *_: {
        "day": FAR.date().isoformat(), "at": "09:00", "room_id": _room(world)},
    "POST /api/v1/sessions/{session_id}/split": lambda world, *_: _split(world),
    "POST /centre/sessions/{session_id}/split": lambda world, *_: {
        "booking": _split(world)["bookings"][0], "day": FAR.date().isoformat(), "at": "09:00", "seats": "2",
        "room_id": _room(world), "evaluator": str(world.spare_id if world else uuid4())},
    "POST /api/v1/sessions/{session_id}/merge": lambda world, *_: {
        "into": str(world.things["planned"]["into"] if world else uuid4()), "reason": "Trop peu de monde."},
    "POST /centre/sessions/{session_id}/merge": lambda world, *_: {
        "into": str(world.things["planned"]["into"] if world else uuid4()), "reason": "Trop peu de monde."},
    "POST /api/v1/sessions/{session_id}/invitations": lambda world, *_: {
        "assessor_id": str(world.spare_id if world else uuid4()), "role": "evaluator",
        "answer_by": weekday_before(NOW, -4).isoformat()},
    "POST /centre/sessions/{session_id}/invitations": lambda world, *_: {
        "assessor_id": str(world.spare_id if world else uuid4()), "role": "evaluator"},
    "POST /availability/address": lambda *_: {"url": "https://calendar.example.org/mine.ics"},
    "POST /availability": lambda *_: {"act": "limit", "per_day": "2"},
    "POST /centre/assessors/{assessor_id}/availability": lambda *_: {"act": "limit", "per_day": "2"},
    "POST /api/v1/centres/{centre_id}/closures/preview": lambda world, *_: _closing(world),
    "POST /api/v1/centres/{centre_id}/closures": lambda world, *_: _closing(world),
    "POST /api/v1/centres/{centre_id}/equipment": lambda *_: {"kind": "forklift", "name": "Chariot"},
    "POST /api/v1/centres/{centre_id}/outages/preview": lambda world, *_: _broken(world),
    "POST /api/v1/centres/{centre_id}/outages": lambda world, *_: _broken(world),
    "POST /api/v1/enrolments/{enrolment_id}/guidance": lambda *_: {"advice": "reserved"},
    "POST /api/v1/centres/{centre_id}/guidance": lambda *_: {
        "email": "candidate@people.example.org", "unit": code_of("open"), "advice": "reserved"},
    "POST /centre/repairs/{repair_id}/preview": lambda *_: {"choice": ""},
    "POST /centre/repairs/{repair_id}/application": lambda *_: {"choice": ""},
    "POST /api/v1/repairs/{repair_id}/application": lambda *_: {"choices": {}},
    "POST /centre/bookings/{booking_id}/turning-away": lambda *_: {"cause": "equipment"},
    "POST /api/v1/bookings/{booking_id}/turning-away": lambda *_: {"cause": "equipment"},
}  # fmt: skip
