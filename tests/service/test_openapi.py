"""The description is true: whoever reads it and asks, in any role, meets nothing that it does not say."""

import json
import os
import secrets
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args, get_origin
from urllib.request import urlopen
from uuid import UUID

import asyncpg
from litestar.params import QueryParameter
from msgspec import Struct

from scheduling import jury_seats, sessions
from service import accounts, logins
from service.db import speak_json
from service.settings import read
from tests.builders.assessments import a_released_decision
from tests.builders.web import an_app
from tests.faults.servers import Servers, web

# Who comes first thinks the requests up, and the others make each of them again (other_roles.py). Every role in every phase:
# make test-security.
ROLES = ("candidate", "manager", "assessor", "administrator", "stranger")
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,negative_data_rejection,unsupported_method"
)


class Town(Struct):
    """A cookie for each role, and what the parameters of the interface can name."""

    cookies: dict[str, str]
    known: dict[str, str]


async def a_town(database_url: str) -> Town:
    """Where a test has been held and decided, and another one can be booked."""
    connection = await asyncpg.connect(database_url)
    await speak_json(connection)
    async with connection.transaction():
        now = datetime.now(UTC).replace(microsecond=0)
        a_tuesday = now - timedelta(days=21 + (now.weekday() - 1) % 7)
        sitting, decision = await a_released_decision(connection, now=a_tuesday)
        session, unit = await sessions.get(connection, sitting.session), sitting.unit
        next_month = session.starts_at + timedelta(days=28)
        plan = sessions.Plan(room_id=session.room_id, unit_id=unit.id, language="fr", starts_at=next_month, seats=2)
        coming = await sessions.plan(connection, plan, by=None, now=now)
        seat = await jury_seats.give(connection, coming, sitting.evaluator, "evaluator", by=None, now=now)
        await sessions.open_for_booking(connection, coming, by=None, now=now)
        ties: dict[str, dict[str, UUID]] = {
            "candidate": {"candidate_id": sitting.candidate},
            "assessor": {"assessor_id": sitting.evaluator},
            "manager": {"centre_id": sitting.centre, "assessor_id": sitting.manager},
            "administrator": {},
        }
        cookies = {role: await cookie(connection, role, tie, now) for role, tie in ties.items()}
    await connection.close()
    known = {"session_id": coming, "booking_id": sitting.booking, "decision_id": decision, "seat_id": seat}
    named = {"centre_id": sitting.centre, "code": unit.code, **known}
    return Town({"stranger": "nobody", **cookies}, {name: str(one) for name, one in named.items()})


async def cookie(connection: Any, role: Any, ties: dict[str, UUID], now: datetime) -> str:
    secret = secrets.token_urlsafe(32)
    email = f"{role}@example.org"
    account = await accounts.register(connection, email=email, role=role, language="nl", now=now, **ties)
    await logins.begin(connection, account, secret=secret, now=now)
    return secret


def description(servers: Servers, folder: Path, known: dict[str, str]) -> Path:
    """The served description, made stricter: every status has to be announced by number, and parameters name what is
    there. The login is in a header of every request, so its absence is not for this test to try."""
    with urlopen(f"http://127.0.0.1:{servers.port}/api/openapi.json") as answer:
        said: dict[str, Any] = json.load(answer)
    del said["components"]["securitySchemes"]
    for item in said["paths"].values():
        for operation in item.values():
            del operation["responses"]["default"]
            operation.pop("security", None)
            for parameter in operation["parameters"]:
                if parameter["in"] == "path" and parameter["name"] in known:
                    parameter["example"] = known[parameter["name"]]
    path = folder / "openapi.json"
    path.write_text(json.dumps(said))
    return path


def test_no_parameter_of_an_address_takes_the_word_null_for_nothing() -> None:
    """An optional number or choice would: such a parameter is a text with a pattern."""
    asked = [
        (route.path_format, name, field.annotation)
        for route in an_app(read({})).routes
        for handler in getattr(route, "route_handlers", [])
        for name, field in handler.parsed_fn_signature.parameters.items()
        if isinstance(field.kwarg_definition, QueryParameter) and field.is_optional
    ]
    assert len(asked) > 15
    api = [one for one in asked if one[0].startswith("/api/")]
    assert [one for one in api if not {str, list} & {get_origin(kind) or kind for kind in get_args(one[2])}] == []


async def test_no_role_meets_a_server_error_or_what_is_not_announced(
    database_url: str, valkey_url: str, tmp_path: Path
) -> None:
    town = await a_town(database_url)
    first, *others = ROLES
    assert {*ROLES} == {*town.cookies}
    with web(tmp_path / "web", database_url, valkey_url) as servers:
        announced, at = description(servers, tmp_path, town.known), f"http://127.0.0.1:{servers.port}"
        asked = subprocess.run(
            [
                *(str(Path(sys.executable).parent / "schemathesis"), "run", str(announced)),
                *("--url", at, "-H", f"Cookie: preuve={town.cookies[first]}"),
                *("--phases", "examples", "--checks", f"{CHECKS},held_for_others", "--max-examples", "2"),
                # One thread: before Python 3.11.9, two that parse code at once meet a SystemError (gh-106905).
                *("--seed", "17", "--workers", "1", "--no-color", "--warnings", "off"),
            ],
            cwd=tmp_path,
            # Nothing of ours: with every request it reads the whole environment for a proxy.
            env={
                "PATH": os.environ["PATH"],
                "LANG": "C.UTF-8",
                "SCHEMATHESIS_HOOKS": str(Path(__file__).with_name("other_roles.py")),
                "PREUVE_OTHER_ROLES": json.dumps({role: town.cookies[role] for role in others}),
                "PREUVE_HELD": CHECKS,
                "PREUVE_AT": at,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert asked.returncode == 0, f"{first}, {others}: {asked.stdout[-6000:]}{asked.stderr[-1000:]}"
