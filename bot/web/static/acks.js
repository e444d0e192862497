// Tells the server which of its messages have come here, and which have been seen by somebody.

const TOGETHER_MS = 250;

export class Receipts {
  constructor(connection) {
    this.connection = connection;
    this.got = new Set();
    this.saw = new Set();
    this.waiting = new Map(); // element -> message numbers not yet seen
    this.timer = 0;
    this.observer = new IntersectionObserver((entries) => this.look(entries), { threshold: [0, 0.5] });
    document.addEventListener("visibilitychange", () => this.lookAgain());
  }

  track(node, frame) {
    const ids = [frame.id, ...(frame.covers ?? [])];
    if (!frame.state) for (const id of ids) this.got.add(id);
    if (frame.state !== "seen") {
      this.waiting.set(node, [...(this.waiting.get(node) ?? []), ...ids]);
      this.observer.unobserve(node);
      this.observer.observe(node);
    }
    this.soon();
  }

  look(entries) {
    for (const entry of entries) {
      const enough = entry.intersectionRatio >= 0.5 || entry.intersectionRect.height > 120;
      if (!entry.isIntersecting || !enough || document.visibilityState !== "visible") continue;
      for (const id of this.waiting.get(entry.target) ?? []) this.saw.add(id);
      this.waiting.delete(entry.target);
      this.observer.unobserve(entry.target);
    }
    if (this.saw.size) this.soon();
  }

  // The page was in the background; what is in view now counts.
  lookAgain() {
    for (const node of this.waiting.keys()) {
      this.observer.unobserve(node);
      this.observer.observe(node);
    }
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), TOGETHER_MS);
  }

  flush() {
    const got = [...this.got].filter((id) => !this.saw.has(id));
    const saw = [...this.saw];
    // What a broken connection swallows is told again when the server, not knowing, sends the message again.
    if (got.length && this.connection.send({ t: "got", ids: got })) this.got.clear();
    if (saw.length && this.connection.send({ t: "saw", ids: saw })) {
      for (const id of saw) this.got.delete(id);
      this.saw.clear();
    }
  }
}
