"""What a body says where standards, schemes and what is valid are written."""

from collections.abc import Callable
from typing import Any

import msgspec

from assessments import standard_files
from tests.access.conftest import Actor
from tests.builders.assessments import LABEL, VALIDATION, a_content
from tests.builders.worlds import World, code_of

Body = dict[str, Any]
Made = Callable[[World | None, Actor, Actor], Body]
STAGE = {
    "standards": "in_force", "standards.edit": "written", "schemes": "in_force", "validity": "in_force",
    "POST /standards/{standard_id}/publication": "written",
}  # fmt: skip
SAID = {
    "POST /centre/validity": (422,),  # there is no form
    "POST /centre/validity/accreditations": (422,),
    "POST /standards/{standard_id}/pictures": (422,),  # there is no file
    "POST /units/{code}/standards/import": (422,),
}
STEP = {"revision": "1"}


def _texts(*names: str) -> Body:
    return {f"{name}.{language}": text for name in names for language, text in LABEL.items()}


def _file() -> Body:
    file = standard_files.File(standard_files.FORMAT, code_of("open"), a_content())
    return msgspec.to_builtins(file)  # type: ignore[no-any-return]


FRAME = STEP | {
    "duration_minutes": "240", "setup_minutes": "30", "teardown_minutes": "30", "candidates_per_evaluator": "4",
    "room_kind": "workshop", "equipment_kind": "", "languages": ["fr", "nl"], **_texts("task", "conditions"),
}  # fmt: skip
CRITERION = STEP | {
    "code": "1", "threshold": "1", "i0.was": "1.1", "i0.code": "1.1", "i0.place": "1", **_texts("label", "i0.label"),
}  # fmt: skip
SCHEME = {
    "revision": "1", "evaluators_min": "1", "observers_min": "1", "minimum_age": "18", "failures_before_guidance": "2",
    "retake_wait_days": "0", "appeal_days": "15", "appeal_answer_days": "20", "fee_cents": "0",
    "fee_cents_jobseeker": "0", "languages": ["fr", "nl"], "result_types": [*VALIDATION.result_types],
    "decision_profile": "cvdc", "manager_required": "yes", "needs_accreditation": "yes", "issues_certificate": "yes",
    **_texts("label"),
}  # fmt: skip
BODIES: dict[str, Made] = {
    "POST /units/{code}/standards": lambda *_: {"version": "1"},
    "POST /standards/{standard_id}/criteria": lambda *_: STEP | {"act": "add"},
    "POST /standards/{standard_id}/criteria/{criterion}": lambda *_: CRITERION,
    "POST /standards/{standard_id}/frame": lambda *_: FRAME,
    "POST /standards/{standard_id}/checks": lambda *_: STEP,
    "POST /standards/{standard_id}/pictures/removal": lambda *_: STEP | {"code": "1"},
    "POST /standards/{standard_id}/publication": lambda *_: STEP,
    "POST /standards/{standard_id}/following": lambda *_: STEP,
    "POST /standards/{standard_id}/discarding": lambda *_: STEP,
    "POST /schemes/{scheme}": lambda *_: SCHEME,
    "POST /api/v1/units/{code}/standards": lambda *_: _file(),
}
