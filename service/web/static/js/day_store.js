// The device's own store (IndexedDB). It holds boxes that day_vault.js has sealed, and counts; it knows no key.
const opening = new Promise((resolve, reject) => {
  const request = indexedDB.open("preuve-day", 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("days", { keyPath: "id" });
    for (const name of ["entries", "photos"]) {
      request.result.createObjectStore(name, { keyPath: "id" }).createIndex("day", "day");
    }
  };
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

// One transaction: `act` asks for what it needs; resolves once all of it is on the disk.
async function inOne(names, mode, act) {
  const transaction = (await opening).transaction(names, mode, { durability: "strict" });
  const answer = act(...names.map((name) => transaction.objectStore(name)));
  await new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
  return answer?.result ?? answer;
}

export const days = () => inOne(["days"], "readonly", (days) => days.getAll());
export const day = (id) => inOne(["days"], "readonly", (days) => days.get(id));
export const putDay = (record) => inOne(["days"], "readwrite", (days) => days.put(record));

const of = (name) => (day) => inOne([name], "readonly", (store) => store.index("day").getAll(day));
export const entries = of("entries");
export const photos = of("photos");
export const putPhoto = (photo) => inOne(["photos"], "readwrite", (photos) => photos.put(photo));
export const dropPhoto = (id) => inOne(["photos"], "readwrite", (photos) => photos.delete(id));

// The next number is taken and the entry stored in one transaction, so that two windows never share a number; its photograph
// in the same one, so that neither is ever without the other.
export function append(dayId, entry, photo) {
  return inOne(["days", "entries", "photos"], "readwrite", (days, entries, photos) => {
    const taken = {};
    days.get(dayId).onsuccess = (event) => {
      const record = event.target.result;
      taken.result = record.next;
      entries.put({ ...entry, day: dayId, sequence: record.next });
      if (photo) photos.put(photo);
      days.put({ ...record, next: record.next + 1 });
    };
    return taken;
  });
}

// What the centre has confirmed leaves the device in the transaction that stores the confirmation.
export function confirm(dayId, facts, ids) {
  return inOne(["days", "entries"], "readwrite", (days, entries) => {
    days.get(dayId).onsuccess = (event) => days.put({ ...event.target.result, ...facts });
    for (const id of ids) entries.delete(id);
  });
}

export function removeDay(id) {
  return inOne(["days", "entries", "photos"], "readwrite", (days, ...others) => {
    days.delete(id);
    for (const store of others) {
      for (const each of [id, `pictures|${id}`]) {
        store.index("day").getAllKeys(each).onsuccess = (event) => event.target.result.forEach((key) => store.delete(key));
      }
    }
  });
}
