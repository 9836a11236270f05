"""`make test-security`: what takes longer than a daily test. Exit status 1 for findings, and for findings only.

1. schemathesis, every phase, on the whole interface, signed in as each role (fuzzing.py);
2. wapiti against a server of its own on this machine, as a stranger and as a candidate (scanning.py);
3. the dependencies: pinned by hash, asked for by name, none that looks like another (dependencies.py); and known weaknesses
   of them, by advisories that are given or a service that answers (advisories.py).

No finding is known and passed over: what is no fault is tried until it shows that it is none.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from tests.security import advisories, dependencies, scanning
from tests.security.fuzzing import fuzzed
from tests.security.scanning import scanned
from tests.security.town import founded, served, servers

HOUSE = Path(__file__).parents[2]


async def main() -> int:
    began, missing = time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix="preuve-security-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with servers(folder) as (database_url, redis_url):
            town = await founded(database_url, redis_url, folder)
            with served(folder, database_url, redis_url) as serving:
                lines, findings = [], []
                # First the scanner: what it walks through has not been moved, ended and cancelled yet.
                parts = [scanned, fuzzed] if scanning.PROGRAM.exists() else [fuzzed]
                for part in parts:
                    done, found = part(serving, town, folder)
                    lines, findings = lines + done, findings + found
            log = serving.log.read_text(errors="replace")
    if not scanning.PROGRAM.exists():
        missing.append("wapiti could not be installed here (make test-security tries, from the package index).")
    findings += [f"in the server's log: {line}" for line in log.splitlines() if "Traceback" in line or "fault" in line][
        :5
    ]
    audited = advisories.audited(HOUSE)
    findings += dependencies.findings(HOUSE) + [f"known weakness: {one}" for one in audited.findings]
    lines.append(f"dependencies: {audited.looked_up} of {audited.all} looked up for known weaknesses")
    missing += audited.missing
    summary(lines, findings, missing, time.monotonic() - began)
    return 1 if findings else 0


def summary(lines: list[str], findings: list[str], missing: list[str], seconds: float) -> None:
    """What was done, what could not be, what was found; in this order, so that the verdict is the last line."""
    said = [*lines, *(f"NOT DONE: {one}" for one in missing), *(f"FINDING: {one}" for one in findings)]
    verdict = f"{len(findings)} findings" if findings else "Nothing was found"
    print("", *said, f"{verdict}, in {seconds / 60:.0f} minutes.", sep="\n", flush=True)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
