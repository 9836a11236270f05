"""Certificates printed on one processor."""

import time
from datetime import date

from certificates.document import Printed, render
from tests.benchmarks.table import Line

COUNT = 100
FACTS = Printed(
    serial="BXL-2026-000123", public_code="CROWD-2345-6789-ABCD-EFGH", verify_url="https://preuve.example/certificates/CROWD",
    holder_name="Noor Peeters", birth_date=date(1990, 5, 17), unit_code="CARR-2", unit_label="Carreler un sol",
    trade_label="Carreleur", centre_name="Construcity", site_city="Bruxelles", jury_date=date(2026, 3, 12),
    issued_on=date(2026, 3, 16), scheme_label="Validation des compétences", standard_version="CARR-2, version 3",
    language="fr",
)  # fmt: skip


def measure() -> list[Line]:
    """The whole PDF, not signed."""
    render(FACTS)
    began = time.process_time()
    for _ in range(COUNT):
        render(FACTS)
    return [Line.number("certificates (PDF/A, tagged) a core", COUNT / (time.process_time() - began), "/s")]
