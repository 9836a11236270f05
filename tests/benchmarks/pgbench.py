"""The ceiling: pgbench writing what a booking over HTTP writes, in the same SQL, in one round trip.

The statements are not copied: they are taken out of the modules that run them, so that they cannot drift apart.
"""

import ast
import asyncio
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from service.embedded.postgres import find_binaries
from tests.benchmarks.load import Run, summary
from tests.faults.servers import HOUSE

ANSWER = "x" * 120  # as long as the answer that is kept
UNIT_OF = "(select s.unit_id from scheduling.sessions s where s.id = "


def booking_script(candidate: str, session: str) -> str:
    """A pgbench script that books; `candidate` and `session` are expressions of its variables."""
    the_session = f"public.crowd_id({session})"
    the_candidate = f"public.crowd_id(202, {candidate})"
    the_account = f"public.crowd_id(172, {candidate})"
    key = "'bench-' || :n"
    unit = UNIT_OF + f"{the_session})"
    kept = f"convert_to('{ANSWER}', 'UTF8')"
    claim = literal("service/idempotency.py", "claim")
    enrol = literal("assessments/enrolments.py", "enrol")
    book = literal("scheduling/seats.py", "_seated")
    remember = literal("service/idempotency.py", "remember")
    statements = (
        "begin",
        with_values(claim, {1: the_account, 2: key, 3: f"'{'0' * 64}'", 4: "now()"}),
        with_values(enrol, {1: the_candidate, 2: unit, 3: "now()", 4: the_account}),
        with_values(book, {1: the_session, 2: the_candidate, 3: "now()", 4: the_account, 5: "null", 6: "null"}),
        with_values(remember, {1: the_account, 2: key, 3: "201", 4: kept}),
        "commit",
    )
    return "\\startpipeline\n" + ";\n".join(statements) + ";\n\\endpipeline\n"


def literal(module: str, function: str) -> str:
    """The first SQL literal that a function runs."""
    tree = ast.parse((HOUSE / module).read_text())
    verb = next(node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef) and node.name == function)
    for call in ast.walk(verb):
        match call:
            case ast.Call(ast.Attribute(attr="fetchval" | "fetchrow" | "execute"), [ast.Constant(str(sql)), *_]):
                return sql
    raise LookupError(f"{function} in {module} runs no SQL")


def with_values(sql: str, values: Mapping[int, str]) -> str:
    """The statement with expressions in the place of $1 …"""
    return re.sub(r"\$(\d+)", lambda found: f"({values[int(found[1])]})", sql)


async def pgbench(url: str, script: str, *, seconds: int, clients: int, **variables: int) -> Run:
    """Run a script. Fails when one of its transactions does: refusals would be cheaper than bookings."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "script.sql").write_text(script)
        given = [part for name, value in variables.items() for part in ("-D", f"{name}={value}")]
        process = await asyncio.create_subprocess_exec(
            find_binaries() / "pgbench",
            *("-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds), "-f", "script.sql"),
            *("--log", "--log-prefix=taken", *given, url),
            cwd=folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()[-1500:]
        lines = [line.split() for log in Path(folder).glob("taken.*") for line in log.read_text().splitlines()]
    tps = re.search(r"tps = ([\d.]+) \(without", out.decode())
    assert tps is not None, out.decode()
    run = summary(float(seconds), [int(line[2]) / 1000 for line in lines])
    return Run(float(tps[1]), run.p50, run.p99, run.count)
