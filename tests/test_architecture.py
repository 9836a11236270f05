"""The conventions of the house that matter, each as a test (README, "The house")."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import asyncpg
import pytest

import assessments.enrolment_refusals
import assessments.outcome_refusals
import assessments.refusals
import assessments.standard_refusals
import certificates.refusals
import scheduling.attendance_refusals
import scheduling.equipment_refusals
import scheduling.refusals
import service.refusals

HOUSE = Path(__file__).parents[1]
PACKAGES = ("service", "assessments", "scheduling", "certificates")
RUNS_SQL = {"fetch", "fetchrow", "fetchval", "execute", "executemany", "cursor", "prepare"}
WRITES = re.compile(r"\b(?:insert\s+into|update|delete\s+from|merge\s+into|truncate)\s+([a-z_]+\.[a-z_]+)", re.I)

# A module writes the table of its own name. What else it may write, and why:
ALSO_WRITES = {
    ("scheduling/attendance.py", "scheduling.bookings"),  # the same bookings, on the day
    ("scheduling/seats.py", "scheduling.bookings"),  # the same bookings, as seats: taken and freed
    ("scheduling/seats.py", "scheduling.sessions"),  # the counter of seats, in the statement that takes one
    ("scheduling/widening.py", "scheduling.bookings"),  # a measure granted later: more time for what is booked
    ("scheduling/widening.py", "scheduling.sessions"),
    ("scheduling/holds.py", "scheduling.bookings"),  # a held seat is confirmed
}
# BEGIN and who acts are one message, which takes no arguments.
NO_LITERAL = {"service/db.py": "self.opening"}
# Where a request acts as the house itself, beyond the reach of whoever is signed in, and why:
AS_HOUSE = {
    "service/web/sign_in.py": "who signs in is nobody yet",
    "service/web/passkeys.py": "the same; and what a login is made of is the house's alone",
    "service/api/passkeys.py": "the same",
    "service/web/passwords.py": "the same",
    "service/web/provider.py": "the same",
    "service/web/confirmation.py": "the same: who confirms shows it once more",
    "service/web/certificates.py": "a code opens one certificate to a stranger",
    "service/api/certificates.py": "the same",
    "service/web/identity_corrections.py": "an address confirms that its reader reads mail there",
    "service/web/share.py": "an address opens what was shared to a stranger",
    "service/kept_feeds.py": "an address opens one calendar to a program",
    "service/web/alerts.py": "an address ends one alert, whoever opens it",
    "service/web/reports.py": "published figures, of all centres",
    "service/api/reports.py": "the same",
    "service/web/own_data.py": "who is forgotten is forgotten everywhere",
    "service/web/measures.py": "a measure widens what is booked in every centre",
    "service/api/measures.py": "the same",
    "service/web/guidance.py": "failures count in every centre",
    "service/api/guidance.py": "the same",
    "service/tour/visitors.py": "the tour is its own worker",
}
# Where the refusals of the four packages are; a file of its own where one would be too long.
REFUSALS = (
    scheduling.refusals, scheduling.attendance_refusals, scheduling.equipment_refusals,
    assessments.refusals, assessments.enrolment_refusals, assessments.standard_refusals, assessments.outcome_refusals,
    certificates.refusals, service.refusals,
)  # fmt: skip
COUNTER_ONLY = re.compile(r"update scheduling\.sessions s\s+set taken = s\.taken [+-] (?:1|l\.seats)\b")
LEDGER = HOUSE / "migrations/0053_ledger.sql"


def sources() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (HOUSE / package).rglob("*.py"))


def sql_calls() -> Iterator[tuple[Path, ast.Call]]:
    for path in sources():
        if "embedded" in path.parts:  # starts servers, has no database yet
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            is_method = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if is_method and node.func.attr in RUNS_SQL and node.args:  # without an argument: a pipeline of Valkey's
                yield path, node


@cache
def literals() -> list[tuple[Path, int, str]]:
    return [
        (path, call.lineno, call.args[0].value)
        for path, call in sql_calls()
        if isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    ]


def test_sql_is_a_literal_in_the_call_that_runs_it() -> None:
    others = [
        f"{path.relative_to(HOUSE)}:{call.lineno}"
        for path, call in sql_calls()
        if not (isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str))
        and NO_LITERAL.get(str(path.relative_to(HOUSE))) != ast.unparse(call.args[0])
    ]
    assert others == []


async def test_postgresql_prepares_every_literal(tx: "asyncpg.Connection[asyncpg.Record]") -> None:
    faults = []
    for path, line, sql in literals():
        try:
            async with tx.transaction():
                await tx.prepare(sql)
        except asyncpg.PostgresError as fault:
            faults.append(f"{path.relative_to(HOUSE)}:{line}: {fault}")
    assert len(literals()) > 50
    assert faults == []


def test_a_table_is_written_by_the_module_of_its_name_only() -> None:
    strangers = []
    for path, line, sql in literals():
        module = str(path.relative_to(HOUSE))
        for table in WRITES.findall(sql):
            own = module == table.replace(".", "/") + ".py" or table == "service.outbox"
            if not own and (module, table) not in ALSO_WRITES:
                strangers.append(f"{module}:{line} writes {table}")
    assert strangers == []


def test_a_request_acts_as_the_house_in_few_places() -> None:
    asking = {str(path.relative_to(HOUSE)) for path in sources() if ".as_house()" in path.read_text()}
    assert asking - {"service/wiring.py"} == set(AS_HOUSE)


def test_bookings_touch_of_a_session_only_the_counter() -> None:
    texts = [sql for path, _, sql in literals() if path.name == "seats.py"] + [LEDGER.read_text()]
    writes = [part for text in texts for part in re.findall(r"update scheduling\.sessions s\s.*", text)]
    counted = [part for text in texts for part in COUNTER_ONLY.findall(text)]
    assert len(writes) == len(counted) == 3  # and where holds lapse: scheduling.expire_holds


async def test_named_constraints_are_the_refusals(tx: "asyncpg.Connection[asyncpg.Record]") -> None:
    """A constraint without PostgreSQL's own suffix, or a rule given to service.refuse, is one that people meet."""
    named = {row["name"] for row in await tx.fetch(NAMED_CONSTRAINTS)}
    for path in (HOUSE / "migrations").glob("*.sql"):
        named |= set(re.findall(r"service\.refuse\('([a-z_]+)'\)", path.read_text()))
        named |= set(re.findall(r"\(\d, '([a-z_]+)',", path.read_text()))
        named |= set(re.findall(r"refused := '([a-z_]+)'", path.read_text()))
    worded = {name for module in REFUSALS for name in module.BY_CONSTRAINT}
    assert named == worded


NAMED_CONSTRAINTS = """
    select c.conname as name from pg_constraint c join pg_namespace n on n.oid = c.connamespace
    where n.nspname in ('service', 'scheduling', 'assessments', 'certificates') and c.contype in ('c', 'u', 'x')
      and c.conname !~ '_(check|key|excl|pkey|fkey)[0-9]*$'
    union
    select i.relname from pg_index x join pg_class i on i.oid = x.indexrelid
    join pg_namespace n on n.oid = i.relnamespace
    where n.nspname in ('service', 'scheduling', 'assessments', 'certificates') and x.indisunique
      and i.relname !~ '_(key|pkey|idx[0-9]*|excl)$'
      and not exists (select from pg_constraint c where c.conindid = x.indexrelid and c.contype in ('p', 'u'))"""


def test_every_refusal_is_one_class_of_one_package() -> None:
    for module in REFUSALS:
        for refusal in module.BY_CONSTRAINT.values():
            assert refusal.__module__ == module.__name__


@pytest.mark.parametrize(
    "path", [*sources(), *sorted((HOUSE / "tests").rglob("*.py"))], ids=lambda p: str(p.relative_to(HOUSE))
)
def test_files_stay_short(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 300
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 60, f"{node.name} is long: split it by noun"


def test_nothing_generated_and_no_registry_is_committed() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=HOUSE, capture_output=True, text=True, check=False).stdout.split()
    assert not [name for name in tracked if name.endswith((".mo", ".pyc", ".lock", ".min.js", "pylock.toml"))]
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-pip.txt"):
        assert "://" not in (HOUSE / name).read_text()
