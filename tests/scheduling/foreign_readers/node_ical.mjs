// node-ical stands behind Node-RED, MagicMirror and many dashboards. Zones come from its own tables.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
const ical = createRequire(process.cwd() + "/")("node-ical");

const text = (value) => value?.val ?? value ?? "";
const found = Object.values(ical.sync.parseICS(readFileSync(0, "utf8")));
console.log(JSON.stringify(found.filter((item) => item.type === "VEVENT").map((event) => ({
  uid: event.uid,
  start: event.start.getTime() / 1000,
  end: event.end.getTime() / 1000,
  summary: text(event.summary),
  location: text(event.location),
  description: text(event.description),
  status: text(event.status),
}))));
