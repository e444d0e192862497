// What was said and is not yet kept by the server: stored in the browser, sent in order, one at a time.

import { forget } from "./blobs.js";
import { upload, Refusal } from "./uploads.js";

const RETRY_MS = 3000; // After an upload that the network did not let through.

export class Outbox {
  constructor(session, connection, changed) {
    this.prefix = `gishe-${session}-`;
    this.connection = connection;
    this.changed = changed; // (item, state, details): waiting, sending, kept, failed
    this.items = [];
    this.isReady = false; // After the server's welcome.
    this.flying = null;
    this.uploading = false;
    this.pausedUntil = 0;
    this.timer = 0;
    this.last = 0;
    addEventListener("storage", (event) => this.elsewhere(event));
  }

  // What an earlier page of this session left unsent.
  load() {
    const found = [];
    try {
      for (const name of Object.keys(localStorage)) {
        if (name.startsWith(this.prefix)) found.push(JSON.parse(localStorage.getItem(name)));
      }
    } catch {
      // No storage in this browser: what is written lives as long as the page.
    }
    this.items = found.sort((one, other) => one.order - other.order);
    return this.items;
  }

  add(frame) {
    this.last = Math.max(this.last + 1, Date.now());
    const item = { key: crypto.randomUUID?.() ?? randomKey(), at: new Date().toISOString(), order: this.last, ...frame };
    this.items.push(item);
    this.write(item);
    this.changed(item, "waiting");
    this.pump();
    return item;
  }

  write(item) {
    try {
      localStorage.setItem(this.prefix + item.key, JSON.stringify(item));
    } catch {
      // Full or forbidden: it is sent all the same, if the page stays open.
    }
  }

  drop(key) {
    const item = this.items.find((one) => one.key === key);
    this.items = this.items.filter((one) => one !== item);
    try {
      localStorage.removeItem(this.prefix + key);
    } catch {
      // It was never there.
    }
    for (const file of item?.files ?? []) forget(file.blob);
    if (this.flying === key) this.flying = null;
    return item;
  }

  // Another tab of this session got it through.
  elsewhere(event) {
    if (!event.key?.startsWith(this.prefix) || event.newValue !== null) return;
    const key = event.key.slice(this.prefix.length);
    if (this.flying !== key && this.items.some((item) => item.key === key)) this.kept({ key });
  }

  ready(isReady) {
    this.isReady = isReady;
    this.flying = null;
    if (isReady) this.pump();
    else if (this.items[0]) this.changed(this.items[0], "waiting");
  }

  async pump() {
    const item = this.items[0];
    if (!this.isReady || this.flying || this.uploading || !item) return;
    const pause = this.pausedUntil - Date.now();
    if (pause > 0) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.pump(), pause);
      return;
    }
    this.flying = item.key;
    this.changed(item, "sending");
    if (item.t === "files" && !(await this.uploaded(item))) return;
    if (this.flying === item.key) this.connection.send(frameOf(item));
    else this.pump(); // The connection went meanwhile; its return begins anew.
  }

  async uploaded(item) {
    this.uploading = true;
    let failure = null;
    for (const file of item.files.filter((one) => !one.id)) {
      try {
        Object.assign(file, await upload(file, (share) => this.changed(item, "sending", { share })));
        this.write(item);
      } catch (error) {
        failure = { error, name: file.name };
        break;
      }
    }
    this.uploading = false;
    if (failure?.error instanceof Refusal) this.failed(item.key, failure.error.why, { name: failure.name });
    else if (failure) this.later(item.key, failure.error.seconds ?? RETRY_MS / 1000);
    return !failure;
  }

  kept(frame) {
    const item = this.drop(frame.key);
    if (item) this.changed(item, "kept", frame);
    this.pump();
  }

  // Not now: the same message again after some seconds.
  later(key, seconds) {
    if (this.flying === key) this.flying = null;
    this.pausedUntil = Date.now() + seconds * 1000;
    const item = this.items.find((one) => one.key === key);
    if (item) this.changed(item, "waiting");
    this.pump();
  }

  // Never: the person has to do something about it.
  failed(key, why, details = {}) {
    const item = this.drop(key);
    if (item) this.changed(item, "failed", { why, ...details });
    this.pump();
  }
}

function frameOf({ order, files, ...frame }) {
  return files ? { ...frame, files: files.map((file) => file.id) } : frame;
}

function randomKey() {
  // Over plain http browsers offer no randomUUID, but they do offer random bytes.
  const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
