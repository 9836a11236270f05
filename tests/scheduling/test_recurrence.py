"""The days of a rule, as RFC 5545 counts them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.recurrence import days
from scheduling.refusals import Refusal, RuleUnreadable, SeriesTooLong

TUESDAY = date(2026, 9, 1)


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("FREQ=WEEKLY;COUNT=3", [(9, 1), (9, 8), (9, 15)]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;COUNT=4", [(9, 1), (9, 3), (9, 15), (9, 17)]),
        ("FREQ=WEEKLY;BYDAY=MO;UNTIL=20260914", [(9, 7), (9, 14)]),
        ("freq=daily;interval=3;until=20260908T000000Z", [(9, 1), (9, 4), (9, 7)]),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", [(9, 25), (10, 30)]),
    ],
)
def test_the_days_of_a_rule(rule: str, found: list[tuple[int, int]]) -> None:
    assert days(rule, TUESDAY) == [date(2026, month, day) for month, day in found]


@pytest.mark.parametrize(
    ("rule", "refusal"),
    [
        ("", RuleUnreadable),
        ("every Tuesday", RuleUnreadable),
        ("FREQ=HOURLY;COUNT=3", RuleUnreadable),
        ("FREQ=WEEKLY", RuleUnreadable),
        ("FREQ=WEEKLY;COUNT=3;UNTIL=20261001", RuleUnreadable),
        ("FREQ=WEEKLY;BYHOUR=9;COUNT=3", RuleUnreadable),
        ("FREQ=WEEKLY;BYDAY=XX;COUNT=3", RuleUnreadable),
        ("FREQ=WEEKLY;UNTIL=20261399", RuleUnreadable),
        ("FREQ=DAILY;COUNT=201", SeriesTooLong),
        ("FREQ=DAILY;INTERVAL=0;COUNT=1", SeriesTooLong),
        ("FREQ=WEEKLY;UNTIL=20400101", SeriesTooLong),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=1", SeriesTooLong),
    ],
)
def test_what_is_no_rule_of_days(rule: str, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        days(rule, TUESDAY)


@given(
    st.text(alphabet="FREQ=WKLYDAIMONTH;COUNT123456789,-+BYUNTIL", max_size=40),
    st.dates(date(2026, 1, 1), date(2030, 1, 1)),
)
def test_any_text_is_a_rule_or_a_refusal(rule: str, first_day: date) -> None:
    try:
        found = days("FREQ=" + rule, first_day)
    except Refusal:
        return
    assert found == sorted(set(found))
    assert all(first_day <= day <= first_day + timedelta(days=732) for day in found)
