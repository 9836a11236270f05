// One line to rate, for one candidate; what two devices say differently, side by side.
import { badge, button, clock, field, form, h, icon, notice, say } from "./day_page.js";
import { stateOf } from "./day_marking.js";

const TONES = { met: ["good", "check"], not_met: ["bad", "cross"], not_observed: ["warn", "eye-off"] };
const waiting = new Set(); // where “not observed” is chosen and its reason is still to be written
const given = new Map(); // what was tapped and is not on the disk yet: a screen that is drawn anew meanwhile shows it all the same

// help: how to look at it, between its name and its marks.
export function rating(log, booking, line, legend, changed, help = "") {
  const name = `r-${booking.slice(0, 8)}-${line.code.replace(".", "-")}`;
  const counted = log.conflict(booking, line.code);
  if (counted) return h("div", { class: "rating" }, h("p", {}, legend), badge(say("two-devices"), "bad"));
  const now = log.rating(booking, line.code);
  const mark = waiting.has(name) ? "not_observed" : given.get(name)?.value ?? now?.rating;
  const sealed = Boolean(log.submitted(booking));
  const rate = async (value, reason = "") => {
    waiting.delete(name);
    const before = given.get(name) ?? { value: now?.rating, reason: now?.reason ?? "" };
    if (before.value === value && before.reason === reason) return;
    // Whoever changes their mind at once follows their own first word, which is kept before.
    const kept = Promise.resolve(before.kept).catch(() => {}).then(() => log.rate(booking, line.code, value, reason));
    const one = { value, reason, kept };
    given.set(name, one);
    try {
      await kept;
    } finally {
      if (given.get(name) === one) given.delete(name);
    }
    changed();
  };
  const options = Object.entries(TONES).map(([value, [tone, symbol]]) =>
    h("div", {},
      h("input", {
        type: "radio", id: `${name}-${value}`, name, value, checked: value === mark, disabled: sealed,
        onchange: () => (value === "not_observed" ? (waiting.add(name), changed()) : rate(value)),
      }),
      h("label", { class: tone, for: `${name}-${value}` }, icon(symbol), say(value))),
  );
  const reason = field(`${name}-reason`, say("why-not-observed"), {
    value: now?.reason ?? "", maxlength: 800, disabled: sealed,
    hint: waiting.has(name) ? say("reason-needed") : undefined,
    onchange: (event) => event.target.value.trim() && rate("not_observed", event.target.value.trim()),
  });
  reason.className = "reason field";
  const title = h("legend", {}, legend, line.eliminatory && " ", line.eliminatory && badge(say("eliminatory"), "warn"));
  return h("fieldset", { class: "rating", id: name }, title, help, h("div", { class: "ratings" }, ...options), reason);
}

// “3 of 4 met, threshold 3; eliminatory indicator met”, as it stands now.
export function criterionSaid(log, booking, criterion) {
  if (!criterion.threshold) return "";
  const one = stateOf(criterion, (code) => log.rating(booking, code)?.rating);
  const tone = { met: "good", not_met: "bad", undecided: "plain" }[one.state];
  const marks = one.eliminatory.map((each) => `${each.code} ${say(each.mark ?? "not-rated").toLowerCase()}`);
  const eliminatory = marks.length ? ` ${say("eliminatory")} – ${marks.join(", ")}.` : "";
  const numbers = say("criterion-numbers", { met: one.met, all: one.all, threshold: one.threshold });
  return h("p", { class: "how" }, badge(say(`criterion-${one.state}`), tone), " ", numbers, eliminatory);
}

export function conflicts(log, changed) {
  return log.conflicts().map(({ candidate, line, counted }) => {
    const name = `c-${candidate.booking_id.slice(0, 8)}-${line.code.replace(".", "-")}`;
    const sides = counted.map((one, index) =>
      h("div", { class: "side" },
        h("input", { type: "radio", name: "which", id: `${name}-${index}`, value: index, required: true }),
        h("label", { for: `${name}-${index}` }, one.rating ? say(one.rating) : say("not-rated"), one.reason && ` – ${one.reason}`,
          h("span", { class: "hint" }, say(one.device_id === log.record.device || !("device_id" in one) ? "this-device" : one.device_id ? "other-device" : "a-page"), ", ", clock(one.at)))),
    );
    const fields = h("fieldset", { class: "sides" }, h("legend", {}, `${candidate.name} – ${line.label}`), ...sides);
    const settle = async ({ which, [`${name}-why`]: why }) => {
      if (!why.trim()) return;
      await log.choose(candidate.booking_id, line.code, counted[which], why.trim());
      changed();
    };
    const why = field(`${name}-why`, say("why-this-one"), { required: true, maxlength: 800 });
    return notice(say("two-devices"), "bad", h("p", {}, say("two-devices-lead")), form([fields, why], say("this-counts"), settle));
  });
}
