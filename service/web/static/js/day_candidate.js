// One candidate: the grid, the time, and what no line holds.
import { button, field, form, h, notice, say, wrong } from "./day_page.js";
import { criterionSaid, rating } from "./day_rating.js";
import { guidance } from "./day_guidance.js";
import { timeOf, timeSaid } from "./day_timer.js";
import { draw, keep, smaller } from "./day_photo.js";
import { photos } from "./day_store.js";

const CATEGORIES = ["accident", "health", "equipment", "conduct", "other"];

export function candidate(log, who, changed, back) {
  const grid = log.day.criteria.map((criterion) =>
    h("section", { class: "criterion" },
      h("h3", {}, criterion.code ? `${criterion.code}. ${criterion.label}` : criterion.label),
      guidance(log, criterion),
      ...criterion.indicators.map((line) => rating(log, who.booking_id, line, line.label, changed, guidance(log, line))),
      criterionSaid(log, who.booking_id, criterion)),
  );
  const sealed = log.submitted(who.booking_id);
  return [
    h("p", {}, button(say("all-candidates"), back, "quiet", { id: "back" })),
    h("h1", {}, who.name),
    who.measures.length > 0 && h("p", { class: "measures" }, who.measures.join(", "), who.extra_minutes > 0 && ` (+${who.extra_minutes} min)`),
    sealed ? notice(say("submitted"), "good", h("p", {}, say("digest"), " ", h("code", {}, sealed.digest))) : time(log, who, changed),
    !who.attended && notice(say("not-present"), "info"),
    h("h2", {}, say("the-work")),
    ...grid,
    ...(sealed ? [] : beside(log, who, changed)),
    noted(log, who),
    h("p", {}, h("a", { class: "button button-secondary", href: `/recordings/${who.booking_id}` }, say(sealed ? "read-or-correct" : "read-and-submit"))),
  ];
}

function time(log, who, changed) {
  const now = timeOf(log, who);
  const step = (kind, said) => () => log.add(kind, who.booking_id, { said }).then(changed);
  const press = !now.started
    ? [button(say("time-start"), step("timer", { step: "started" }), "primary", { id: "time-start" })]
    : now.ended
      ? []
      : now.interrupted
        ? [resume(log, [who], changed, say("resume"))]
        : [interrupt(log, [who], changed, say("interrupt")), button(say("time-end"), step("timer", { step: "ended" }), "quiet", { id: "time-end" })];
  return h("section", { class: "time", "aria-label": say("the-time") }, h("p", { class: "clock", "data-time": who.booking_id }, timeSaid(log, who)), ...press);
}

export function interrupt(log, whom, changed, title) {
  const parts = [field("i-why", say("interruption-why"), { required: true, maxlength: 800 }), field("i-who", say("interruption-who"), { required: true, maxlength: 200 })];
  const done = async ({ "i-why": text, "i-who": informed }) => {
    for (const who of whom) await log.add("interruption", who.booking_id, { said: { step: "started", text, informed } });
    changed();
  };
  return h("details", {}, h("summary", {}, title), form(parts, say("interrupt"), done, "secondary"));
}

// Everybody gets the same minutes back: as many as the first of them has waited, unless another number is written.
export function resume(log, whom, changed, title) {
  const halts = whom.map((who) => timeOf(log, who).interrupted);
  const gone = Math.max(0, Math.ceil((Date.now() - Date.parse(halts[0].at)) / 60000));
  const done = async ({ "i-minutes": minutes }) => {
    for (const [nth, who] of whom.entries()) {
      const { text, informed } = halts[nth].said;
      await log.add("interruption", who.booking_id, { said: { step: "ended", text, informed, minutes: Number(minutes) } });
    }
    changed();
  };
  const minutes = field("i-minutes", say("minutes-given-back"), { type: "number", min: 0, max: 600, value: gone, required: true });
  return form([minutes], title, done);
}

function beside(log, who, changed) {
  const add = (kind) => (text) => log.add(kind, who.booking_id, { said: { text } });
  const note = form([field("note", say("note"), { tag: "textarea", rows: 3, maxlength: 2000, required: true, hint: say("note-hint") })], say("keep-note"),
    ({ note: text }) => add("note")(text).then(changed), "secondary");
  const keepPhoto = async ({ photo: file, caption }, element) => {
    const image = await smaller(file);
    if (!image) return wrong(element, say("photo-unusable"));
    await keep(log, who.booking_id, image, caption);
    changed();
  };
  const photo = form(
    [field("photo", say("photo"), { type: "file", accept: "image/*", capture: "environment", required: true, hint: say("photo-hint") }), field("caption", say("photo-caption"), { maxlength: 800 })],
    say("keep-photo"), keepPhoto, "secondary");
  return [
    h("h2", {}, say("beside-the-grid")),
    h("details", {}, h("summary", {}, say("note")), note),
    h("details", {}, h("summary", {}, say("photo")), photo),
    h("details", {}, h("summary", {}, say("incident")), incident(log, [who], changed)),
  ];
}

export function incident(log, whom, changed) {
  const categories = CATEGORIES.map((one) => h("option", { value: one }, say(`incident-${one}`)));
  const category = field("category", say("incident-kind"), { tag: "select" });
  category.querySelector("select").append(...categories);
  const parts = [category, field("what", say("incident-what"), { tag: "textarea", rows: 3, maxlength: 2000, required: true }), field("informed", say("incident-informed"), { maxlength: 200, required: true })];
  const done = async ({ category, what, informed }) => {
    for (const each of whom) await log.add("incident", each.booking_id, { said: { category, text: what, informed } });
    changed();
  };
  return form(parts, say("keep-incident"), done, "secondary");
}

function noted(log, who) {
  const said = (one) => ({ incident: `${say("incident")}, ${one.said.category && say(`incident-${one.said.category}`)}`, interruption: say("interruption") })[one.kind] ?? say(one.kind);
  const more = (one) => [one.said.text, one.said.informed && `${say("informed")} ${one.said.informed}`, one.said.minutes && `+${one.said.minutes} min`].filter(Boolean).join(" – ");
  const kept = log.of(who.booking_id, "note", "photo", "incident", "interruption");
  const list = kept.map((one) => {
    const picture = one.kind === "photo" && h("canvas", { class: "photo", "data-photo": one.said.photo, hidden: true });
    return h("li", {}, h("strong", {}, said(one)), " ", more(one), picture);
  });
  photos(log.record.id).then((here) => here.forEach(async (photo) => {
    const canvas = document.querySelector(`[data-photo="${photo.id}"]`);
    if (canvas) await draw(log, photo, canvas).then(() => (canvas.hidden = false));
  }));
  return list.length > 0 && h("section", {}, h("h2", {}, say("noted")), h("ul", { class: "noted" }, ...list));
}
