// After a form was not accepted, reading begins at the summary of errors.
document.querySelector("[data-errors]")?.focus();
