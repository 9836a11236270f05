// The way in: preparing this device, unlocking it with the PIN, a new PIN for who forgot it.
import { badge, button, field, form, h, notice, say, show, wrong } from "./day_page.js";
import { days, entries, putDay, removeDay } from "./day_store.js";
import { make, renew, sealJson, unlock } from "./day_vault.js";
import { ask } from "./day_sync.js";
import { fetchPictures } from "./day_guidance.js";
import { Log } from "./day_log.js";

const KEPT = 3 * 86400000; // milliseconds after the session, if nothing waits on the device any more
const PIN = { type: "password", inputmode: "numeric", pattern: "[0-9]{6,12}", required: true, autocomplete: "off" };

// Resolves with a log once somebody is in.
export async function enter(session) {
  await tidy();
  const here = (await days()).filter((one) => !session || one.session === session);
  return new Promise((resolve) => (here.length ? choose(here, session, resolve) : offer(session, resolve)));
}

async function tidy() {
  for (const one of await days()) {
    if (Date.now() > one.until + KEPT && !(await entries(one.id)).length) await removeDay(one.id);
  }
}

async function choose(here, session, done) {
  const doors = await Promise.all(here.map((record) => door(record, done)));
  show(h("h1", {}, say("unlock")), h("p", { class: "lead" }, say("unlock-lead")), ...doors, session ? another(session, done) : "");
}

async function door(record, done) {
  const name = `pin-${record.id.slice(-12)}`;
  const open = async ({ [name]: pin }, element) => {
    try {
      done(await Log.open(record, await unlock(record, pin)));
    } catch {
      wrong(element, say("pin-wrong"));
    }
  };
  const about = h("h2", {}, say(record.role), " ", badge(record.unit));
  const waiting = h("p", { class: "waiting" }, say("saved-here", { here: (await entries(record.id)).length }));
  const entrance = form([about, waiting, field(name, say("pin"), PIN)], say("unlock"), open);
  entrance.append(" ", button(say("pin-forgotten"), () => forgotten(record, done), "quiet"));
  return entrance;
}

function another(session, done) {
  return h("p", {}, button(say("someone-else-prepares"), () => offer(session, done), "quiet"));
}

function offer(session, done) {
  if (!session) {
    return show(h("h1", {}, say("nothing-prepared")), h("p", { class: "lead" }, say("nothing-prepared-lead")), h("p", {}, h("a", { href: "/agenda" }, say("to-agenda"))));
  }
  const parts = [field("pin", say("pin-new"), { ...PIN, hint: say("pin-hint") }), field("again", say("pin-again"), PIN)];
  const prepare = ({ pin, again }, element) => (pin === again ? ready(session, pin, done, element) : wrong(element, say("pin-differs")));
  show(h("h1", {}, say("prepare")), h("p", { class: "lead" }, say("prepare-lead")), form(parts, say("prepare"), prepare), h("p", {}, h("a", { href: "/agenda" }, say("to-agenda"))));
  document.getElementById("pin").focus();
}

async function ready(session, pin, done, element) {
  try {
    const day = await ask(`/api/v1/sessions/${session}/day`);
    const id = `${session}|${day.assessor_id}`;
    if ((await days()).some((one) => one.id === id)) return wrong(element, say("prepared-already"));
    if (!day.is_live) return wrong(element, say("not-yours"));
    const device = crypto.randomUUID();
    const { facts, key } = await make(pin, (await ask(`/day/${session}/key/${device}`)).key);
    const until = Date.parse(day.session.ends_at);
    const record = { id, session, assessor: day.assessor_id, role: day.role, unit: day.session.unit_code, device, until, next: 1, ...facts };
    await pageKept();
    record.kit = await sealJson(key, id, day);
    await fetchPictures({ record, key, day });
    await putDay(record);
    await navigator.storage?.persist?.();
    done(await Log.open(record, key));
  } catch (problem) {
    wrong(element, problem instanceof TypeError ? say("needs-network") : say(problem.status === 401 ? "sign-in-first" : "not-yours"));
  }
}

// Prepared means that the page opens without a network too.
function pageKept() {
  const late = new Promise((_, reject) => setTimeout(() => reject(new TypeError("the page is not kept")), 20000));
  return Promise.race([navigator.serviceWorker.ready, late]);
}

// The entries stay as they are: only the PIN changes, and who changes it has signed in.
function forgotten(record, done) {
  const parts = [field("pin", say("pin-new"), { ...PIN, hint: say("pin-hint") }), field("again", say("pin-again"), PIN)];
  const change = async ({ pin, again }, element) => {
    if (pin !== again) return wrong(element, say("pin-differs"));
    try {
      const { facts, key } = await renew(record, (await ask(`/day/${record.session}/key/${record.device}`)).key, pin);
      const renewed = { ...(await days()).find((one) => one.id === record.id), ...facts };
      await putDay(renewed);
      done(await Log.open(renewed, key));
    } catch (problem) {
      wrong(element, problem instanceof TypeError ? say("needs-network") : say(problem.status === 401 ? "sign-in-first" : "not-yours"));
    }
  };
  show(h("h1", {}, say("pin-forgotten")), notice(say("pin-forgotten-lead"), "info"), form(parts, say("pin-change"), change));
  document.getElementById("pin").focus();
}
