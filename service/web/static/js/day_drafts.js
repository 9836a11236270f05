// What is half typed: a screen that is drawn anew takes it from nobody, and who comes back to a view finds it there again,
// also after the tablet was locked or its browser killed: it lies sealed on the device, and leaves it with the day.
const PAUSE = 400; // milliseconds after the last key
let drafts = new Map(); // by view: what stands in which field, and the file that is chosen in it
let later, kept = Promise.resolve();

export async function recall(log) {
  drafts = new Map(await log.drafts());
}

// The view "" is the door: what is typed there is a PIN.
export function setAside(view) {
  if (!view) return;
  const fields = [...document.querySelectorAll("#main :is(form, .reason) :is(input, textarea, select)")];
  const typed = fields.filter((one) => one.id && isOpen(one) && isTyped(one));
  drafts.set(view, typed.map(({ id, type, value, files }) => ({ id, type, value, files })));
}

// A form whose entry is being kept is a draft no more, nor is the reason of a line that got another mark since.
function isOpen(field) {
  if (field.form) return !("taken" in field.form.dataset);
  return field.closest(".rating").querySelector("[value=not_observed]").checked;
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
    if (!field || field.disabled) continue;
    if (typed.type === "file") field.files = typed.files;
    else if (typed.type === "radio") field.checked = true;
    else field.value = typed.value;
    if (!field.form) field.closest(".rating").querySelector("[value=not_observed]").checked = true;
    for (let one = field.closest("details"); one; one = one.parentElement.closest("details")) one.open = true;
  }
}

// Once the fingers rest, or at once; one after the other, so that the last word is the one that stays.
export function keepSoon(log) {
  clearTimeout(later);
  later = setTimeout(() => keepNow(log), PAUSE);
}

export function keepNow(log) {
  clearTimeout(later);
  const words = [...drafts].map(([view, typed]) => [view, typed.filter((one) => one.type !== "file").map(({ id, type, value }) => ({ id, type, value }))]);
  kept = kept.then(() => log.keepDrafts(words.filter(([, typed]) => typed.length))).catch(() => {}); // a full device
  return kept;
}
