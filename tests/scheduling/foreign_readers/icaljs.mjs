// ical.js reads Thunderbird's and Nextcloud's calendars. Zones come from the file's own VTIMEZONE.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
const ICAL = createRequire(process.cwd() + "/")("ical.js");

const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));
for (const zone of calendar.getAllSubcomponents("vtimezone")) {
  ICAL.TimezoneService.register(zone.getFirstPropertyValue("tzid"), new ICAL.Timezone(zone));
}
const text = (event, name) => event.getFirstPropertyValue(name) ?? "";
console.log(JSON.stringify(calendar.getAllSubcomponents("vevent").map((event) => ({
  uid: text(event, "uid"),
  start: new ICAL.Event(event).startDate.toUnixTime(),
  end: new ICAL.Event(event).endDate.toUnixTime(),
  summary: text(event, "summary"),
  location: text(event, "location"),
  description: text(event, "description"),
  status: text(event, "status"),
  properties: event.getAllProperties().map((property) => property.name.toUpperCase()),
}))));
