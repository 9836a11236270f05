"""`make test-security`: what takes longer than a daily test. Exit status 1 for findings, and for findings only.

1. schemathesis, every phase, on the whole interface, signed in as each role;
2. wapiti against a server of its own on this machine, as a stranger and as a candidate;
3. the dependencies: pinned by hash, asked for by name, none that looks like another; and pip-audit, where its service can
   be reached.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

import migrations
from service import embedded
from tests.faults.servers import Servers, web
from tests.security import dependencies
from tests.service.test_openapi import CHECKS, Town, a_town, description

HOUSE = Path(__file__).parents[2]
PHASES = "examples,coverage,fuzzing,stateful"
WAPITI = HOUSE / ".venv-wapiti" / "bin" / "wapiti"
# Those that need no service outside: what is sent to a stranger's host would never come back here.
MODULES = "backup,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,methods,permanentxss,redirect,sql,timesql,upload,xss"
CRAWL_SECONDS, ATTACK_SECONDS = 60, 15  # the latter for each module


async def main() -> int:
    with tempfile.TemporaryDirectory(prefix="preuve-security-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with servers(folder) as (database_url, redis_url):
            await prepared(database_url)
            town = await a_town(database_url)
            with web(folder / "web", database_url, redis_url) as serving:
                findings = fuzzed(serving, town, folder) + scanned(serving, town, folder)
    findings += dependencies.findings(HOUSE)
    for finding in findings:
        say(f"FINDING: {finding}")
    say(f"{len(findings)} findings." if findings else "Nothing was found.")
    return 1 if findings else 0


@contextmanager
def servers(folder: Path) -> Iterator[tuple[str, str]]:
    database = embedded.start_postgres(folder, durable=False)
    queue = embedded.start_valkey(folder)
    try:
        yield database.url, queue.url
    finally:
        queue.stop()
        database.stop()


async def prepared(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await migrations.apply(connection)
    await connection.close()


def fuzzed(serving: Servers, town: Town, folder: Path) -> list[str]:
    announced, findings = description(serving, folder, town.known), []
    for role, cookie in town.cookies.items():
        say(f"schemathesis as {role}: {PHASES}")
        asked = subprocess.run(
            [
                *(str(Path(sys.executable).parent / "schemathesis"), "run", str(announced)),
                *("--url", f"http://127.0.0.1:{serving.port}", "-H", f"Cookie: preuve={cookie}"),
                *("--phases", PHASES, "--checks", CHECKS, "--max-examples", "20", "--seed", "17"),
                # One thread: before Python 3.11.9, two that parse code at once meet a SystemError (gh-106905).
                *("--workers", "1", "--no-color"),
            ],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        say(asked.stdout[-1500:])
        if asked.returncode:
            findings.append(f"schemathesis as {role}")
    return findings


def scanned(serving: Servers, town: Town, folder: Path) -> list[str]:
    if not WAPITI.exists():
        say("wapiti could not be installed here (make test-security tries, from the package index): left out.")
        return []
    findings = []
    for role in ("stranger", "candidate"):
        say(f"wapiti as {role}: {MODULES}")
        out = folder / f"wapiti-{role}.json"
        scan(
            [
                *(str(WAPITI), "-u", f"http://127.0.0.1:{serving.port}/", "--scope", "domain", "-m", MODULES),
                *("-H", f"Cookie: preuve={town.cookies[role]}", "-x", f"http://127.0.0.1:{serving.port}/sign-out"),
                *(
                    "--max-scan-time",
                    str(CRAWL_SECONDS),
                    "--max-attack-time",
                    str(ATTACK_SECONDS),
                    "--flush-session",
                    "--no-bugreport",
                ),
                *("-f", "json", "-o", str(out), "--store-session", str(folder)),
            ],
            folder,
        )
        if not out.exists():
            say("wapiti wrote no report: it could not run here.")
            continue
        found = json.loads(out.read_text())
        for kind in ("vulnerabilities", "anomalies"):
            for title, cases in found[kind].items():
                findings += [f"wapiti as {role}: {title}: {case['info']} ({case['path']})" for case in cases]
    return [finding for finding in findings if not is_known(finding)]


def scan(command: list[str], folder: Path) -> None:
    """As long as it may take, and a little longer; without a report nothing is said to be fine."""
    longest = CRAWL_SECONDS + ATTACK_SECONDS * (MODULES.count(",") + 1) + 120
    try:
        subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=longest)
    except subprocess.TimeoutExpired:
        say(f"wapiti did not end within {longest} seconds.")


# What wapiti says of every site that is not what it looks for, and why it is no finding here.
KNOWN: dict[str, str] = {
    "Strict-Transport-Security": "HSTS is sent over https only (tests/service/test_app.py)",
    "Secure flag is not set": "the cookie is __Host- and Secure over https only (tests/service/test_sign_in.py)",
    "CSRF": "forms carry no token: the browser's own word for where a form was sent from is asked (service/edge.py)",
}


def is_known(finding: str) -> bool:
    return any(words.casefold() in finding.casefold() for words in KNOWN)


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
