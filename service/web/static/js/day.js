// The day of a test on a tablet: who is in, what is on the screen, and what is saved where.
import { badge, button, field, h, notice, say, show } from "./day_page.js";
import { enter } from "./day_door.js";
import { sync } from "./day_sync.js";
import { candidate, incident, interrupt, resume } from "./day_candidate.js";
import { conflicts, rating } from "./day_rating.js";
import { guidance } from "./day_guidance.js";
import { timeOf, timeSaid } from "./day_timer.js";
import { Unkept } from "./day_log.js";
import { keepNow, keepSoon, recall, setAside, takeUp } from "./day_drafts.js";
import { removeDay } from "./day_store.js";

const OFTEN = 10000; // milliseconds between two tries
let log;
let view = { name: "candidates" };
let outcome = navigator.onLine ? "sent" : "offline";
let unsaved = false; // the last entry could not be kept on this device
let shown = "";

navigator.serviceWorker?.register("/day/worker.js", { scope: "/day/" });
open(new URLSearchParams(location.search).get("session") ?? undefined);

async function open(session) {
  log = await enter(session);
  await recall(log);
  document.getElementById("bar").hidden = false;
  const aside = (keep) => { setAside(shown); return keep(log); };
  document.getElementById("lock").addEventListener("click", () => aside(keepNow).then(() => location.reload()));
  document.getElementById("main").addEventListener("input", () => aside(keepSoon));
  addEventListener("visibilitychange", () => document.hidden && aside(keepNow));
  document.getElementById("send").addEventListener("click", send);
  addEventListener("online", send);
  addEventListener("offline", () => told("offline"));
  addEventListener("unhandledrejection", failed);
  setInterval(() => document.querySelectorAll("[data-time]").forEach((one) => (one.textContent = timeSaid(log, who(one.dataset.time)))), 5000);
  setInterval(send, OFTEN);
  render();
  await send();
}

const who = (booking) => log.day.candidates.find((one) => one.booking_id === booking);

// After every entry: the screen at once, the centre as soon as it can be reached.
function changed() {
  unsaved = false;
  render();
  send();
}

// A full or broken store: the screen goes back to what is kept, and says so until something is kept again.
function failed({ reason }) {
  if (!(reason instanceof Unkept)) return;
  unsaved = true;
  render();
}

async function send() {
  const before = JSON.stringify([log.day.entries.length, log.day.submitted.length, log.day.session.cancelled_at, log.day.candidates]);
  told(await sync(log));
  const after = JSON.stringify([log.day.entries.length, log.day.submitted.length, log.day.session.cancelled_at, log.day.candidates]);
  if (before !== after && !writing()) render();
}

// Nothing that is half typed is taken from under anybody's fingers.
function writing() {
  return [...document.querySelectorAll("#main textarea, #main input:not([type=radio])")].some((one) => one === document.activeElement || one.value !== one.defaultValue);
}

function told(how) {
  outcome = how;
  const centre = log.day.entries.length;
  document.getElementById("saved").textContent = say("saved-where", { here: log.waiting.size, centre });
  const state = document.getElementById("state");
  state.textContent = say(`sync-${unsaved ? "unsaved" : stateOf(how)}`);
  document.getElementById("bar").classList.toggle("bad", unsaved);
  document.getElementById("sign-in").hidden = how !== "signed-out" && how !== "someone-else";
}

function stateOf(how) {
  if (how !== "sent") return how;
  if (log.waiting.size) return "sending";
  return log.conflicts().length ? "conflict" : "sent";
}

function render() {
  setAside(shown);
  draw();
  shown = JSON.stringify(view);
  takeUp(shown);
  keepSoon(log);
}

function draw() {
  told(outcome);
  // Whose grid this is stays in sight however far down the reader is.
  document.getElementById("whom").textContent = view.name === "candidate" ? who(view.booking).name : "";
  const back = () => go({ name: "candidates" });
  if (view.name === "candidate") return show(...candidate(log, who(view.booking), changed, back).filter(Boolean));
  if (view.name === "line") return show(...across(back));
  show(...overview());
}

function go(next) {
  view = next;
  render();
  scrollTo(0, 0);
  document.getElementById("main").focus({ preventScroll: true });
}

function overview() {
  const { session, candidates } = log.day;
  const aside = log.all().filter((one) => one.set_aside);
  const timed = candidates.filter((one) => !timeOf(log, one).started);
  const startAll = async () => {
    for (const one of timed) await log.add("timer", one.booking_id, { said: { step: "started" } });
    changed();
  };
  return [
    h("h1", {}, session.unit),
    h("p", { class: "lead" }, `${session.unit_code} – ${session.centre}, ${session.room} – `, say(log.day.role)),
    session.cancelled_at && notice(say("cancelled"), "bad", h("p", {}, say("cancelled-lead"))),
    !log.day.is_live && !session.cancelled_at && notice(say("seat-given-back"), "bad", h("p", {}, say("seat-given-back-lead"))),
    aside.length > 0 && notice(say("set-aside", { count: aside.length }), "info", h("p", {}, say("set-aside-lead")),
      h("ul", {}, ...aside.map((one) => h("li", {}, `${who(one.booking_id)?.name ?? ""} ${one.indicator ?? say(one.kind)} – ${say(`aside-${one.set_aside}`)}`)))),
    ...conflicts(log, changed),
    h("div", { class: "actions" }, button(say("by-line"), () => go({ name: "line", code: log.lines()[0].code }), "secondary", { id: "by-line" }),
      timed.length > 0 && button(say("time-start-all"), startAll, "secondary", { id: "start-all" })),
    h("ul", { class: "day" }, ...candidates.map(card)),
    ...stopped(candidates),
    h("details", {}, h("summary", {}, say("incident-all")), incident(log, candidates, changed)),
    log.waiting.size === 0 && h("p", {}, button(say("remove-day"), () => removeDay(log.record.id).then(() => location.assign("/agenda")), "quiet")),
  ].filter(Boolean);
}

// A fire alarm is everybody's: who is under way stops, who was stopped goes on.
function stopped(candidates) {
  const open = candidates.filter((one) => !log.submitted(one.booking_id)).map((one) => ({ ...one, time: timeOf(log, one) }));
  const running = open.filter(({ time }) => time.started && !time.ended && !time.interrupted);
  const halted = open.filter(({ time }) => time.interrupted && !time.ended);
  return [
    halted.length > 0 && resume(log, halted, changed, say("resume-all", { count: halted.length })),
    running.length > 1 && interrupt(log, running, changed, say("interrupt-all", { count: running.length })),
  ];
}

function card(one) {
  const lines = log.lines();
  const rated = lines.filter((line) => log.rating(one.booking_id, line.code)).length;
  const state = log.submitted(one.booking_id) ? badge(say("submitted"), "good") : badge(say("rated", { rated, all: lines.length }), rated === lines.length ? "info" : "plain");
  return h("li", {},
    h("h2", {}, one.name),
    one.measures.length > 0 && h("p", { class: "measures" }, one.measures.join(", ")),
    h("p", { class: "clock", "data-time": one.booking_id }, timeSaid(log, one)),
    h("p", {}, state),
    button(say("to-grid", { name: one.name }), () => go({ name: "candidate", booking: one.booking_id }), "primary", { id: `to-${one.booking_id}` }));
}

// One line, all candidates.
function across(back) {
  const lines = log.lines();
  const nth = lines.findIndex((one) => one.code === view.code);
  const line = lines[nth];
  const step = (text, to, id) => to && button(text, () => go({ name: "line", code: to.code }), "secondary", { id });
  const select = field("line", say("which-line"), { tag: "select", onchange: (event) => go({ name: "line", code: event.target.value }) });
  select.querySelector("select").append(...log.lines().map((one) => h("option", { value: one.code, selected: one.code === line.code }, `${one.code} ${one.label}`)));
  const left = log.day.candidates.filter((one) => !log.submitted(one.booking_id) && !log.counted(one.booking_id, line.code).some((each) => each.rating));
  const rateAll = async () => {
    for (const one of left) await log.rate(one.booking_id, line.code, "met");
    changed();
  };
  return [
    h("p", {}, button(say("all-candidates"), back, "quiet", { id: "back" })),
    h("h1", {}, line.label, line.eliminatory && " ", line.eliminatory && badge(say("eliminatory"), "warn")),
    guidance(log, line),
    select,
    ...log.day.candidates.map((one) => rating(log, one.booking_id, { ...line, eliminatory: false }, one.name, changed)),
    left.length > 0 && h("p", {}, button(say("met-for-all", { count: left.length }), rateAll, "secondary", { id: "met-for-all" })),
    h("div", { class: "actions" }, step(say("line-before"), lines[nth - 1], "line-before"), step(say("line-next"), lines[nth + 1], "line-next")),
  ].filter(Boolean);
}
