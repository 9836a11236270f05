"""An installation with its own PostgreSQL: the oldest one that we promise, where Debian's binaries are installed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

DEBIAN = Path("/usr/lib/postgresql/15/bin")


@pytest.mark.skipif(not (DEBIAN / "postgres").exists(), reason="Debian's PostgreSQL 15 is not installed")
def test_migrations_and_the_whole_journey_on_postgresql_15(tmp_path: Path) -> None:
    environ = {**os.environ, "PREUVE_PG_BIN": str(DEBIAN)}
    toured = subprocess.run(
        [sys.executable, "-m", "service", "tour", "--out", str(tmp_path / "tour")],
        env=environ, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert toured.returncode == 0, toured.stdout + toured.stderr
    manifest = json.loads((tmp_path / "tour" / "manifest.json").read_text())
    assert {"calendar", "certificate", "public-page", "annual-report", "invariants", "openapi"} <= {
        each["kind"] for each in manifest
    }
    for each in manifest:
        assert (tmp_path / "tour" / each["path"]).stat().st_size > 0
