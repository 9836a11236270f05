// What is half typed: a screen that is drawn anew takes it from nobody, and who comes back to a view finds it there again.
const drafts = new Map(); // the fields themselves, by view

export function setAside(view) {
  const fields = [...document.querySelectorAll("#main form :is(input, textarea, select)")];
  drafts.set(view, fields.filter((one) => one.id && !("taken" in one.form.dataset) && isTyped(one)));
}

function isTyped(field) {
  if (field.type === "file") return field.files.length > 0;
  if (field.type === "radio") return field.checked;
  if (field.tagName === "SELECT") return field.selectedIndex > 0;
  return field.value !== field.defaultValue;
}

export function takeUp(view) {
  for (const typed of drafts.get(view) ?? []) {
    const field = document.getElementById(typed.id);
    if (!field) continue;
    if (typed.type === "file") field.files = typed.files;
    else if (typed.type === "radio") field.checked = true;
    else field.value = typed.value;
    for (let one = field.closest("details"); one; one = one.parentElement.closest("details")) one.open = true;
  }
}
