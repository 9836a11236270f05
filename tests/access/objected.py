"""What a body says where somebody objects: the steps of an appeal, and complaints."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from tests.access.conftest import Actor
from tests.access.planned import FAR
from tests.builders.worlds import World

Body = dict[str, Any]
Made = Callable[[World | None, Actor, Actor], Body]


def _centre(world: World | None) -> str:
    return str(world.centre_id if world else uuid4())


def _reviewer(world: World | None) -> str:
    return str(world.reviewer_id if world else uuid4())


BODIES_THAT_NAME: dict[str, Made] = {
    "POST /api/v1/complaints": lambda world, *_: {
        "about": "facility", "complaint": "Trop froid.", "centre_id": _centre(world)},
}  # fmt: skip
BODIES: dict[str, Made] = {
    "POST /complaints": lambda world, *_: {
        "where": f"centre:{_centre(world)}", "about": "facility", "complaint": "Trop froid."},
    "POST /centre/complaints/{complaint_id}/answer": lambda *_: {"finding": "founded", "answer": "Chauffage réparé."},
    "POST /api/v1/complaints/{complaint_id}/answer": lambda *_: {"finding": "founded", "answer": "Chauffage réparé."},
    "POST /appeals/{appeal_id}/admissibility": lambda *_: {"admissible": "yes"},
    "PUT /api/v1/appeals/{appeal_id}/admissibility": lambda *_: {"admissible": True},
    "POST /appeals/{appeal_id}/mediation": lambda world, *_: {
        "day": FAR.date().isoformat(), "at": "10:00", "place": "Rue Royale 45", "led_by": _reviewer(world),
        "version": "*"},
    "PUT /api/v1/appeals/{appeal_id}/mediation": lambda world, *_: {
        "meets_at": FAR.isoformat(), "place": "Rue Royale 45", "led_by": _reviewer(world)},
    "POST /appeals/{appeal_id}/mediation/result": lambda *_: {"result": "not_agreed", "note": "Pas d’accord."},
    "POST /api/v1/appeals/{appeal_id}/mediation/result": lambda *_: {"result": "not_agreed", "note": "Pas d’accord."},
}  # fmt: skip
