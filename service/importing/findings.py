"""What is said of a line or a file: what is wrong, and what to do about it. English sentences to translate."""

from service.i18n import N_, Words
from service.import_lines import Finding
from service.importing import choices
from service.problems import everything

# A file of which nothing can be read.
FILES: dict[str, tuple[str, str]] = {
    "empty_file": (N_("The file is empty"), N_("Take the template, fill in a line below the headings and save it.")),
    "not_text": (
        N_("This is neither a CSV nor an XLSX file"),
        N_("Save it in your spreadsheet as “CSV UTF-8” or as “Excel workbook (.xlsx)”."),
    ),
    "broken_csv": (
        N_("The file cannot be read as CSV"),
        N_("A quotation mark is missing somewhere. Open it in a spreadsheet and save it anew."),
    ),
    "broken_xlsx": (
        N_("The file cannot be read as XLSX"),
        N_("Open it in your spreadsheet and save it anew, without macros."),
    ),
    "locked_file": (N_("The file is locked with a password"), N_("Take the password away and save it anew.")),
    "too_large_inside": (
        N_("The file is much larger than a list needs"),
        N_("Copy only the lines and headings into a new file, without pictures."),
    ),
    "too_many_lines": (N_("The file has more than 10,000 lines"), N_("Cut it in two and import one after the other.")),
    "too_many_columns": (
        N_("The file has more than 60 columns"),
        N_("Leave away the columns that the list does not know."),
    ),
    "columns": (
        N_("Columns are missing"),
        N_("These: %(about)s. Take the headings of the template. It explains each column."),
    ),
    "columns_twice": (
        N_("A column is there twice"),
        N_("This one: %(about)s. Keep one of the two, also where they have their headings in two languages."),
    ),
}

# A cell, or a line.
LINES: dict[str, tuple[str, str]] = {
    "formula": (
        N_("This cell is a formula"),
        N_("Copy the cell and paste it as a value: formulas are never computed here."),
    ),
    "too_long": (N_("This is too long"), N_("Write it shorter.")),
    "empty": (N_("This cell is empty"), N_("Fill it in.")),
    "too_many_cells": (N_("The line has more cells than there are headings"), N_("Look for a separator too many.")),
    "odd_character": (N_("There is a character in it that does not show"), N_("Type the text anew.")),
    "no_mail": (N_("This is not an email address"), N_("Write one address, such as noor@example.org.")),
    "not_among": (N_("This value is not known"), N_("Take one of these: %(about)s")),
    "not_yes_no": (N_("Yes or no is expected here"), N_("Write yes or no.")),
    "no_number": (N_("This is not a number that fits"), N_("Write a whole number: %(about)s")),
    "no_day": (N_("This is not a day"), N_("Write it as 15/09/2026 or 2026-09-15.")),
    "no_time": (N_("This is not a time"), N_("Write it as 09:00.")),
    "no_hours": (N_("These hours cannot be read"), N_("Write them as 1-5 08:00-17:00; 6 09:00-13:00.")),
    "twice": (
        N_("Line %(about)s names the same one already"),
        N_("Keep one of the two lines, or correct this cell."),
    ),
    "changed_meanwhile": (
        N_("Someone changed this in the meantime"),
        N_("Import the file again: it is compared anew, and only the difference is written."),
    ),
    "known_elsewhere": (
        N_("This address is known already, and not to your centre"),
        N_("Nothing is shown or changed. The person can sign in and book; an administrator can correct the details."),
    ),
    "mail_fixed": (
        N_("The email address does not change by a list"),
        N_("People sign in with it. Ask an administrator to change it."),
    ),
    "birth_date_fixed": (
        N_("The birth date does not change any more: there are bookings"),
        N_("Ask an administrator, with the identity document."),
    ),
    "not_born": (N_("This birth date is in the future"), N_("Look at the year.")),
    "under_age": (N_("Under 18 today"), N_("Who is not 18 on the day of the test cannot book it.")),
    "account_known": (
        N_("Somebody signs in with this address already"),
        N_("The candidate is written, without an account of their own."),
    ),
    "unknown_trade": (N_("There is no trade with this code"), N_("The catalogue has the codes.")),
    "ends_before": (N_("This day is before the first one"), N_("Look at the two days.")),
    "of_centre_fixed": (
        N_("This cannot change while the person has a seat in a coming jury"),
        N_("Free the seat first: an observer comes from outside."),
    ),
    "unknown_site": (N_("The centre has no site of this name"), N_("There are: %(about)s")),
    "unknown_kind": (N_("No test asks for this kind of room"), N_("Tests ask for: %(about)s")),
    "retired": (N_("This room is not in use any more"), N_("Give the new room another name.")),
    "site_fixed": (N_("A room does not move to another site"), N_("Add it there under a new reference.")),
    "name_taken": (N_("Another room of the site has this name"), N_("Give one of the two another name.")),
    "unknown_room": (
        N_("The centre has no room of this name"),
        N_("Look at the list of rooms, or import the room first."),
    ),
    "which_site": (N_("The centre has two rooms of this name"), N_("Fill in the site.")),
    "unknown_unit": (N_("There is no unit with this code, or none in force"), N_("The catalogue has the codes.")),
    "language_not_offered": (N_("The test does not exist in this language"), N_("Take one of these: %(about)s")),
    "skipped_hour": (
        N_("There is no such time on that day: the clocks go forward one hour"),
        N_("Choose another time."),
    ),
    "repeated_hour": (N_("This time comes twice: the clocks go back"), N_("Plan this session on its page.")),
    "past": (N_("This moment has passed"), N_("Choose a later one.")),
    "fixed": (N_("This does not change once a session is planned"), N_("Cancel the session and plan another one.")),
    "cancelled": (N_("This session is cancelled"), N_("Give the new one another reference.")),
    "seats_taken": (N_("More places are taken: %(about)s"), N_("Split the session, or leave the number as it is.")),
    "unknown_assessor": (
        N_("Nobody in the register has this address"),
        N_("Import the person first. Their seat in the jury stays free."),
    ),
}

ABOUT_CODES = {"not_among", "unknown_kind", "language_not_offered"}


def said(words: Words, finding: Finding) -> tuple[str, str]:
    """What is wrong, and the remedy: of ours, or of the refusal whose slug it is."""
    if finding.code in LINES:
        says, remedy = LINES[finding.code]
        about = finding.about
        if finding.code in ABOUT_CODES:
            about = ", ".join(choices.word(words, code) for code in about.split(", "))
        return words.gettext(says, about=about), words.gettext(remedy, about=about)
    problem = everything()[finding.code]
    says = words.gettext(problem.title)
    return (f"{says} ({finding.about})" if finding.about else says), words.gettext(problem.advice)


def of_file(words: Words, fault: str, labels: dict[str, str]) -> tuple[str, str]:
    """Why nothing of a file can be read. `columns:…` names columns, which `labels` call as the reader does."""
    code, _, about = fault.partition(":")
    says, remedy = FILES[code]
    named = ", ".join(labels.get(name, name) for name in about.split(", "))
    return words.gettext(says), words.gettext(remedy, about=named)
