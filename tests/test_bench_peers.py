"""`make bench-peers` where the other program cannot be installed: one sentence that says so, and no failure."""

import os
import subprocess
import sys
from pathlib import Path

from tests.benchmarks.peers.__main__ import HERE

HOUSE = Path(__file__).parents[1]


def test_it_says_in_one_sentence_that_pretix_cannot_be_installed(tmp_path: Path) -> None:
    """Without any package index; nothing is left that a later run would take for an environment."""
    environment = tmp_path / "venv-pretix"
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.peers", "--environment", environment],
        cwd=HOUSE,
        env={**os.environ, "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": ""},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (sentence,) = done.stdout.splitlines()
    assert sentence.startswith("pretix was not measured: it cannot be installed here (")
    assert "No matching distribution found for pretix" in sentence
    assert sentence.endswith(").")
    assert not (environment / "ready").exists()


def test_its_environment_is_its_own() -> None:
    assert HERE.name == ".venv-pretix"
    assert ".venv-pretix/" in (HOUSE / ".gitignore").read_text().splitlines()
