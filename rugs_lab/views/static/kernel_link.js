// The line to the kernel: hello until it is answered, pings, and noticing that nobody answers any more.

const PING_MS = 3000;
const SILENCE_MS = 4000;
const NO_ANSWER_MS = 6000;
const DEAD = new Set(["restarting", "autorestarting", "dead", "terminating"]);

export class KernelLink {
  constructor(model, store) {
    this.model = model;
    this.store = store;
    this.heardAt = performance.now();
    this.pingedAt = -Infinity;
    this.ping = 0;
    this.pong = 0;
    this.timer = setInterval(() => this.check(), 1000);
    model.on("comm_live_update", () => this.check());
  }

  close() {
    clearInterval(this.timer);
  }

  get kernel() {
    return this.model.widget_manager?.kernel;
  }

  send(content) {
    try {
      this.model.send({ ...content, seq: this.store.seq });
    } catch (error) {
      console.debug("rugs_lab: nothing was sent", error);
    }
  }

  heard(message) {
    this.heardAt = performance.now();
    this.pong = Math.max(this.pong, message.pong ?? 0);
    if (this.store.gone !== null) this.store.gone = null;
    if (this.pong === this.ping && this.heardAt - this.pingedAt > PING_MS) this.sendPing();
  }

  sendPing() {
    this.pingedAt = performance.now();
    this.ping += 1;
    this.send({ kind: "ping", id: this.ping });
  }

  // A busy kernel cannot answer; a restarted one never will.
  check() {
    const now = performance.now();
    const status = this.kernel?.status;
    if (DEAD.has(status)) return this.lose("kernel gone: run the cell again");
    if (!this.store.setup && this.store.watchers.size > 0 && status !== "busy") this.send({ kind: "hello" });
    if (this.store.gone !== null || now - this.heardAt < SILENCE_MS || status === "busy") return undefined;
    if (this.pong === this.ping || now - this.pingedAt > 5 * NO_ANSWER_MS) return this.sendPing();
    if (now - this.pingedAt > NO_ANSWER_MS) return this.lose("kernel gone: it does not answer; run the cell again");
    return undefined;
  }

  lose(reason) {
    if (this.store.gone === reason) return;
    this.store.gone = reason;
    this.store.changed();
  }
}
