"""wapiti, from outside: it walks the pages as a stranger and as a candidate, and attacks every form and address it found."""

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx

from tests.faults.servers import Servers
from tests.security.town import Town

PROGRAM = Path(__file__).parents[2] / ".venv-wapiti" / "bin" / "wapiti"
# Those that need no service outside: what is sent to a stranger's host would never come back here.
MODULES = (
    "backup", "cookieflags", "crlf", "csp", "csrf", "exec", "file", "htaccess", "http_headers", "methods", "permanentxss",
    "redirect", "sql", "timesql", "upload", "xss",
)  # fmt: skip
CRAWL_SECONDS, ATTACK_SECONDS = 45, 12  # the latter for each module
LONGEST = 1200  # to find what hangs: it ends by itself after the seconds above, and later where the machine is busy
FEWEST_PAGES = 15  # with fewer it did not find its way in, and its silence says nothing
NO_TOKEN = "Lack of anti CSRF token"


def scanned(serving: Servers, town: Town, folder: Path) -> tuple[list[str], list[str]]:
    """What was done, a line a visitor, and what was found."""
    lines, findings = [], []
    for role in ("stranger", "candidate"):
        began, out = time.monotonic(), folder / f"wapiti-{role}.json"
        _scan(serving, town, role, out)
        if not out.exists():
            findings.append(f"wapiti as {role} wrote no report: nothing is known")
            continue
        report = json.loads(out.read_text())
        walked = report["infos"]["crawled_pages_nbr"]
        lines.append(f"wapiti as {role}: {walked} pages, {len(MODULES)} modules, {time.monotonic() - began:.0f} s")
        if walked < FEWEST_PAGES:
            findings.append(f"wapiti as {role} saw {walked} pages only")
        findings += [f"wapiti as {role}: {one}" for one in judged(report, serving, town.cookies[role])]
    return lines, findings


def _scan(serving: Servers, town: Town, role: str, out: Path) -> None:
    start = f"http://127.0.0.1:{serving.port}/"
    # A cookie that is Secure would not be sent over the http of this test: the header is.
    who = ["-H", f"Cookie: {town.cookies[role]}", "-x", f"{start}sign-out"]
    where = ["-u", start, *(["-s", f"{start}privacy", "-s", f"{start}waiting"] if role == "candidate" else [])]
    times = [
        "--max-scan-time",
        str(CRAWL_SECONDS),
        "--max-attack-time",
        str(ATTACK_SECONDS),
        "--max-files-per-dir",
        "40",
    ]
    report = ["-f", "json", "-o", str(out), "--store-session", str(out.with_suffix("")), "--flush-session"]
    try:
        subprocess.run(
            [
                str(PROGRAM),
                *where,
                "--scope",
                "domain",
                "-m",
                ",".join(MODULES),
                *who,
                *times,
                *report,
                "--no-bugreport",
            ],
            cwd=out.parent,
            capture_output=True,
            check=False,
            timeout=LONGEST,
        )
    except subprocess.TimeoutExpired:
        return


def judged(report: dict[str, Any], serving: Servers, cookie: str) -> list[str]:
    """Everything that it reports is a finding. A form without a token is one if another site's page can send it."""
    found = []
    for kind in ("vulnerabilities", "anomalies"):
        for title, cases in report[kind].items():
            for case in cases:
                if case["info"].startswith(NO_TOKEN) and _is_refused_from_elsewhere(case, serving, cookie):
                    continue
                found.append(f"{title}: {case['info']} ({case['method']} {case['path']})")
    return found


def _is_refused_from_elsewhere(case: dict[str, Any], serving: Servers, cookie: str) -> bool:
    """We have no tokens: the browser's own word for where a form was sent from is asked (service/edge.py). Each form that
    wapiti names is sent here as a page of another site would have it sent, by a new browser and by an old one."""
    address = f"http://127.0.0.1:{serving.port}{case['path']}"
    elsewhere = (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example.org"},
    )
    answers = [
        httpx.request(case["method"], address, headers={"Cookie": cookie, **said}, content=b"") for said in elsewhere
    ]
    return all(answer.status_code == 403 and answer.json()["type"].endswith("from-another-site") for answer in answers)
