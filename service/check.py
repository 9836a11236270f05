"""`preuve check`: audit every invariant of domain.md over the whole database; the rules are in migrations/views/violations_*.

What constraints keep from happening, this looks for: in a restored copy, after a defect, after somebody's raw SQL.
"""

import argparse
import asyncio
import sys
from datetime import UTC, datetime

import asyncpg
import msgspec
from msgspec import Struct

from service.db import SERVER_SETTINGS, speak_json
from service.settings import Settings, SettingsFault

EXAMPLES = 5
# Sorting every claim on rooms and people in memory beats doing it on disk; and it takes longer than any request may.
UNHURRIED = SERVER_SETTINGS | {
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "work_mem": "128MB",
}


class Violation(Struct, frozen=True):
    """`subject`: the id of the row that breaks the rule; `detail` says how. No personal data in either."""

    subject: str
    detail: str


class Finding(Struct, frozen=True):
    """One rule: its number in domain.md (None: a rule of ours), how many rows it was held against, what breaks it."""

    invariant: int | None
    rule: str
    sentence: str
    looked_at: int
    violations: int
    examples: tuple[Violation, ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Offer --json."""
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def command(arguments: argparse.Namespace, settings: Settings) -> int:
    """Print a line per rule; status 2 when one is broken."""
    findings = asyncio.run(_audit(settings.owner, now=datetime.now(UTC)))
    sys.stdout.write(msgspec.json.encode(findings).decode() + "\n" if arguments.json else table(findings))
    return 2 if any(finding.violations for finding in findings) else 0


async def _audit(database_url: str, *, now: datetime) -> list[Finding]:
    connection = await asyncpg.connect(database_url, server_settings=UNHURRIED)
    try:
        await speak_json(connection)
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return await audit(connection, now=now)
    except asyncpg.UndefinedTableError:
        raise SettingsFault("The database is not of this release; `preuve migrate` brings it up to date.") from None
    finally:
        await connection.close()


async def audit(tx: asyncpg.Connection, *, now: datetime) -> list[Finding]:
    """Hold every rule against every row there is at this moment; the findings in the order of domain.md.

    Where a rule leaves time for a consequence, `now` says whether it is over. On 10^6 bookings it takes about half a
    minute: give it a connection without a time limit, and a transaction of its own.
    """
    rows = await tx.fetch(
        """select a.invariant, a.rule, a.sentence, a.looked_at,
                  coalesce(v.violations, 0) as violations, coalesce(v.examples, '[]') as examples
           from service.audited a left join (
               select rule, count(*) as violations,
                      jsonb_agg(jsonb_build_object('subject', subject, 'detail', detail) order by nth)
                          filter (where nth <= $2) as examples
               from (select rule, subject, detail, row_number() over (partition by rule order by subject, detail) as nth
                     from service.violations where since <= $1) each
               group by rule) v using (rule)
           order by a.position""",
        now,
        EXAMPLES,
    )
    return [msgspec.convert(dict(row), Finding) for row in rows]


def table(findings: list[Finding]) -> str:
    """The findings as people read them: a line each, with the first violations under those that are broken."""
    lines = [line for finding in findings for line in _lines(finding)]
    broken = sum(1 for finding in findings if finding.violations)
    verdict = f"{broken} of {len(findings)} rules are broken." if broken else f"All {len(findings)} rules hold."
    return "\n".join([*lines, "", verdict, ""])


def _lines(finding: Finding) -> list[str]:
    verdict = f"{finding.violations:,} BROKEN" if finding.violations else "0"
    line = f"{finding.invariant or '+':>2}  {finding.sentence:<82} {finding.looked_at:>11,} looked at  {verdict}"
    rest = finding.violations - len(finding.examples)
    return [
        line,
        *(f"      {example.subject}: {example.detail}" for example in finding.examples),
        *([f"      and {rest:,} more"] if rest else []),
    ]
