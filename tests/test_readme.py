"""The README names every command, setting and make target, and no file that is not there."""

import re
from pathlib import Path

import pytest

from service.__main__ import COMMANDS
from service.settings import SETTINGS

HOUSE = Path(__file__).parents[1]
README = (HOUSE / "README.md").read_text()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented(command: str) -> None:
    assert f"| `preuve {command}` |" in README


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_documented(setting: object) -> None:
    assert re.search(rf"^\| `{setting.name}` \|", README, re.M)  # type: ignore[attr-defined]


def test_every_make_target_is_documented() -> None:
    phony = re.search(r"^\.PHONY: (.*)$", (HOUSE / "Makefile").read_text(), re.M)
    assert phony
    assert [target for target in phony[1].split() if f"| `{target}` |" not in README] == []


def test_every_file_named_is_there() -> None:
    named = set(re.findall(r"`((?:service|assessments|scheduling|certificates|migrations|tests)/[\w./]+)`", README))
    assert len(named) > 20
    assert [name for name in sorted(named) if not (HOUSE / name).exists()] == []
