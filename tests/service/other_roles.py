"""A check of schemathesis' own kind, loaded by its command line (see test_openapi.py): each request is made again by others.

Thinking up a request costs more than making it, and what is thought up does not depend on who is signed in.
"""

import json
import os

import requests
import schemathesis
from schemathesis.checks import CHECKS, CheckContext
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response

COOKIES: dict[str, str] = json.loads(os.environ["PREUVE_OTHER_ROLES"])
HELD = CHECKS.get_by_names(os.environ["PREUVE_HELD"].split(","))
SESSION = requests.Session()  # keeps its connections
SESSION.trust_env = False


@schemathesis.check
def held_for_others(ctx: CheckContext, response: Response, case: schemathesis.Case) -> None:
    """What is held against the first role's answer is held against that of every other."""
    for role, cookie in COOKIES.items():
        SESSION.cookies.clear()
        answer = case.call(session=SESSION, base_url=os.environ["PREUVE_AT"], headers={"Cookie": f"preuve={cookie}"})
        try:
            case.validate_response(answer, checks=HELD)
        except FailureGroup as faults:
            raise AssertionError(f"as {role}: {'; '.join(str(fault) for fault in faults.exceptions)}") from None
