"""Settings: every variable is known, checked, documented, and a wrong one ends in one sentence."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from service.settings import SETTINGS, Settings, SettingsFault, read, secret


def test_nothing_has_to_be_set() -> None:
    settings = read({})

    assert settings.database_url == ""
    assert settings.data == Path(".data")
    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.language == "fr"
    assert settings.log == "text"


def test_every_field_has_a_variable_and_every_variable_is_explained() -> None:
    assert sorted(setting.field for setting in SETTINGS) == sorted(f.name for f in msgspec.structs.fields(Settings))
    assert all(setting.help for setting in SETTINGS)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PREUVE_PORT", "http", "PREUVE_PORT must be a whole number from 1 to 65535, not 'http'."),
        ("PREUVE_PORT", "70000", "PREUVE_PORT must be a whole number from 1 to 65535, not '70000'."),
        ("PREUVE_PORT", "²", "PREUVE_PORT must be a whole number from 1 to 65535, not '²'."),
        ("PREUVE_WEB_WORKERS", "0", "PREUVE_WEB_WORKERS must be a whole number from 1 to 64, not '0'."),
        ("PREUVE_ENV", "prod", "PREUVE_ENV must be development or production, not 'prod'."),
        ("PREUVE_LOG", "xml", "PREUVE_LOG must be json or text, not 'xml'."),
        ("PREUVE_LANGUAGE", "it", "PREUVE_LANGUAGE must be fr or nl or en or de, not 'it'."),
        (
            "PREUVE_BASE_URL",
            "preuve.example",
            "PREUVE_BASE_URL must be an address that begins with http:// or https://.",
        ),
        ("PREUVE_MAIL_FROM", "Preuve", "PREUVE_MAIL_FROM must hold a mail address"),
        ("PREUVE_SECRET", "short", "PREUVE_SECRET must have 32 characters or more"),
        ("DATABASE_URL", "mysql://x/y", "DATABASE_URL must be an address that begins with postgresql:// or"),
        ("REDIS_URL", "localhost", "REDIS_URL must be an address that begins with redis:// or"),
        ("PREUVE_PROT", "8000", "PREUVE_PROT is not a setting of Preuve"),
    ],
)
def test_a_wrong_value_is_told_in_one_sentence(name: str, value: str, says: str) -> None:
    with pytest.raises(SettingsFault) as fault:
        read({name: value})

    assert str(fault.value).startswith(says)
    assert "\n" not in str(fault.value)


def test_variables_of_others_and_of_the_tests_are_left_alone() -> None:
    read({"PATH": "/bin", "PREUVE_TEST_PG_BIN": "/somewhere"})


def test_an_empty_variable_means_the_default() -> None:
    assert read({"PREUVE_PORT": ""}).port == 8000


def test_production_needs_an_address_and_a_mail_server() -> None:
    given = {"PREUVE_ENV": "production"}
    for name, value in (("PREUVE_BASE_URL", "https://p.example"), ("PREUVE_SMTP_URL", "smtps://mail.example")):
        with pytest.raises(SettingsFault, match=f"{name} must be set"):
            read(given)
        given[name] = value

    settings = read(given)
    assert settings.log == "json"
    assert settings.allowed_hosts == ("p.example",)


def test_a_repr_tells_no_secret() -> None:
    assert "hush" not in repr(read({"DATABASE_URL": "postgresql://me:hush@db/preuve"}))


def test_the_key_is_made_once_for_all_processes_and_is_private(tmp_path: Path) -> None:
    settings = read({"PREUVE_DATA": str(tmp_path / "data")})

    with ThreadPoolExecutor(8) as at_once:
        keys = set(at_once.map(lambda _: secret(settings), range(8)))

    assert len(keys) == 1
    assert len(keys.pop()) == 64
    assert stat.S_IMODE((tmp_path / "data" / "secret").stat().st_mode) == 0o600


def test_a_given_key_is_used(tmp_path: Path) -> None:
    assert secret(read({"PREUVE_SECRET": "k" * 32, "PREUVE_DATA": str(tmp_path)})) == b"k" * 32
    assert not (tmp_path / "secret").exists()
