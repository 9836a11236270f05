// The time of a candidate: from its start, with the extra time that was granted and what interruptions gave back.
import { clock, say } from "./day_page.js";

const MINUTE = 60000;

export function timeOf(log, candidate, now = Date.now()) {
  const steps = log.of(candidate.booking_id, "timer", "interruption").sort((a, b) => (a.at < b.at ? -1 : 1));
  const started = steps.find((one) => one.kind === "timer" && one.said.step === "started");
  const ended = steps.find((one) => one.kind === "timer" && one.said.step === "ended");
  const given = steps.reduce((sum, one) => sum + (one.kind === "interruption" ? one.said.minutes ?? 0 : 0), 0);
  const last = steps.filter((one) => one.kind === "interruption").at(-1);
  const interrupted = last?.said.step === "started" ? last : undefined;
  const minutes = log.day.session.minutes + candidate.extra_minutes + given;
  const until = started && Date.parse(started.at) + minutes * MINUTE;
  return { started, ended, interrupted, minutes, given, until, left: until && Math.ceil((until - now) / MINUTE) };
}

export function timeSaid(log, candidate) {
  const time = timeOf(log, candidate);
  if (!time.started) return say("time-not-started", { minutes: time.minutes });
  if (time.ended) return say("time-ended", { at: clock(time.ended.at) });
  if (time.interrupted) return say("time-interrupted", { at: clock(time.interrupted.at) });
  if (time.left < 0) return say("time-over", { at: clock(time.until) });
  return say("time-left", { minutes: time.left, at: clock(time.until) });
}
