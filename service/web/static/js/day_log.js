// The entries of one person for one day: those on this device only and those at the centre, as one.
import { append, confirm, entries } from "./day_store.js";
import { openJson, sealJson } from "./day_vault.js";

// An entry that is not on the disk.
export class Unkept extends Error {}

export class Log {
  constructor(record, key, day) {
    Object.assign(this, { record, key, day, waiting: new Map() });
  }

  static async open(record, key) {
    const log = new Log(record, key, await openJson(key, record.id, record.kit));
    for (const one of (await entries(record.id)).sort((a, b) => a.sequence - b.sequence)) {
      log.waiting.set(one.id, { ...(await openJson(key, one.id, one)), sequence: one.sequence });
    }
    return log;
  }

  // On the disk before it is on the screen.
  async add(kind, booking, facts, photo) {
    const entry = { id: crypto.randomUUID(), booking_id: booking, kind, at: new Date().toISOString(), ...facts };
    const sealed = { id: entry.id, ...(await sealJson(this.key, entry.id, entry)) };
    const sequence = await append(this.record.id, sealed, photo).catch((problem) => {
      throw new Unkept("the entry is not kept", { cause: problem });
    });
    this.waiting.set(entry.id, { ...entry, sequence });
    return entry;
  }

  rate(booking, indicator, rating, reason = "") {
    const follows = this.counted(booking, indicator).map((one) => one.id);
    return this.add("rating", booking, { indicator, rating, reason, follows });
  }

  choose(booking, indicator, one, motive) {
    const follows = this.counted(booking, indicator).map((each) => each.id);
    return this.add("choice", booking, { indicator, rating: one.rating, reason: one.reason ?? "", motive, follows });
  }

  // The centre's picture takes the place of the former; what it confirms is on this device only no longer.
  async confirmed(day) {
    if (!day.is_live) Object.assign(day, { candidates: this.day.candidates, criteria: this.day.criteria });
    const ids = day.entries.map((one) => one.id).filter((id) => this.waiting.has(id));
    const kit = await sealJson(this.key, this.record.id, day);
    await confirm(this.record.id, { kit }, ids);
    ids.forEach((id) => this.waiting.delete(id));
    this.day = day;
  }

  // What is half typed (day_drafts.js), sealed like the rest.
  async drafts() {
    const { id, drafts } = this.record;
    return drafts ? openJson(this.key, `${id}|drafts`, drafts) : [];
  }

  async keepDrafts(words) {
    const { id } = this.record;
    await confirm(id, { drafts: await sealJson(this.key, `${id}|drafts`, words) }, []);
  }

  all() {
    return [...this.day.entries, ...this.waiting.values()];
  }

  of(booking, ...kinds) {
    return this.all().filter((one) => one.booking_id === booking && kinds.includes(one.kind) && !one.set_aside);
  }

  // What no other entry follows: one that counts; several that differ are a conflict (assessments/entries.py).
  counted(booking, indicator) {
    const said = this.all().filter((one) => one.booking_id === booking && one.indicator === indicator && !one.set_aside);
    const followed = new Set(said.flatMap((one) => one.follows ?? []));
    return said.filter((one) => !followed.has(one.id));
  }

  rating(booking, indicator) {
    const counted = this.counted(booking, indicator);
    return new Set(counted.map(words)).size === 1 && counted[0].rating ? counted[0] : undefined;
  }

  conflict(booking, indicator) {
    const counted = this.counted(booking, indicator);
    return new Set(counted.map(words)).size > 1 ? counted : undefined;
  }

  conflicts() {
    return this.day.candidates.flatMap((candidate) =>
      this.lines()
        .map((line) => ({ candidate, line, counted: this.conflict(candidate.booking_id, line.code) }))
        .filter((one) => one.counted),
    );
  }

  lines() {
    return this.day.criteria.flatMap((criterion) => criterion.indicators);
  }

  submitted(booking) {
    return this.day.submitted.find((one) => one.booking_id === booking);
  }
}

const words = (one) => `${one.rating ?? ""}|${one.reason ?? ""}`;
