"""What every refusal of the three domains says to people, as English sentences to translate.

service/problems.py makes problems of them; a test demands one for every refusal.
"""

from service.wordings import (
    assessments,
    certificates,
    enrolments,
    outcomes,
    planning,
    recognitions,
    scheduling,
    standards,
)

SAID = {
    **scheduling.SAID,
    **planning.SAID,
    **assessments.SAID,
    **enrolments.SAID,
    **standards.SAID,
    **outcomes.SAID,
    **recognitions.SAID,
    **certificates.SAID,
}
