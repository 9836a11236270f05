"""schemathesis in all its phases on the whole interface, signed in as each role."""

import subprocess
import sys
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tests.faults.servers import Servers
from tests.security.town import Town

PHASES = "examples,coverage,fuzzing,stateful"
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,negative_data_rejection,unsupported_method"
)
EXAMPLES = 10  # for each address and phase
LONGEST = 1200  # seconds a role, to find what hangs; two to six minutes is usual, on a machine with other work too
OWN_END = "/api/v1/logins/{login_id}/end"  # whoever comes by it asks nothing more: tried last


def fuzzed(serving: Servers, town: Town, folder: Path) -> tuple[list[str], list[str]]:
    """What was done, a line a role, and what was found."""
    lines, findings = [], []
    for role in town.cookies:
        began = time.monotonic()
        for chosen in (["--exclude-path", OWN_END], ["--include-path", OWN_END]):
            if chosen[0] == "--include-path" and role != "stranger" and not is_signed_in(serving, town, role):
                findings.append(f"schemathesis as {role}: signed out on the way, the rest was not tried")
            asked, said = _run(serving, town, role, chosen, folder)
            if asked:
                findings.append(f"schemathesis as {role}: {said}")
            if chosen[0] == "--exclude-path":
                lines.append(f"schemathesis as {role}: {_counted(said)}")
        lines[-1] += f", {time.monotonic() - began:.0f} s"
    return lines, findings


def _run(serving: Servers, town: Town, role: str, chosen: list[str], folder: Path) -> tuple[int, str]:
    program = [str(Path(sys.executable).parent / "schemathesis"), "run", str(town.described[role])]
    given = ["--url", f"http://127.0.0.1:{serving.port}", "-H", f"Cookie: {town.cookies[role]}", *chosen]
    # One thread: before Python 3.11.9, two that parse code at once meet a SystemError (gh-106905).
    how = ["--max-examples", str(EXAMPLES), "--seed", "17", "--workers", "1", "--no-color", "--warnings", "off"]
    try:
        asked = subprocess.run(
            [*program, *given, "--phases", PHASES, "--checks", CHECKS, *how],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST,
        )
    except subprocess.TimeoutExpired:
        return 1, f"it was not through after {LONGEST} seconds"
    return asked.returncode, asked.stdout[-6000:] + asked.stderr[-1000:]


def is_signed_in(serving: Servers, town: Town, role: str) -> bool:
    """Whether the role's login still stands."""
    asked = Request(f"http://127.0.0.1:{serving.port}/home", headers={"Cookie": town.cookies[role]})
    try:
        with urlopen(asked) as answer:
            return not answer.url.endswith("/sign-in") and answer.status == 200
    except HTTPError:
        return False


def _counted(said: str) -> str:
    """ "5205 generated, 5205 passed", in schemathesis' own words."""
    return next((line.strip() for line in said.splitlines() if " generated" in line), "no count")
