// The connection to the kernel: hello until it answers, pings, and noticing when it no longer does.
/** @import { Buffers, PageMessage, Send, WidgetModel } from "./page" */
import { duration } from "./formats.js";

const PING_MS = 3000;
const SILENCE_MS = 4000;
const NO_ANSWER_MS = 6000;
export const ANSWER_MS = 5000; // after this long a request without an answer counts as lost
export const OFFLINE = "network lost: no connection to the kernel, which may still be running; reconnecting automatically";
const NO_KERNEL = "no kernel: as it was when it was saved; run the cell again";
const DEAD = new Set(["restarting", "autorestarting", "dead", "terminating"]);

// What a page has received from its kernel, for the renderings that show it.
export class KernelStore {
  watchers = /** @type {Set<() => void>} */ (new Set());
  setup = /** @type {{ bokeh: string, picture: string } | null} */ (null);
  seq = /** @type {number | null} */ (null); // number of the newest message
  failure = /** @type {string | null} */ (null); // why the kernel sends nothing more
  gone = /** @type {string | null} */ (null); // why the kernel no longer answers
  asked = 0; // number of the last command asked for
  askedSince = 0; // when the oldest one was that is not carried out

  /** @param {Send} send */
  constructor(send) {
    this.send = send;
  }

  changed() {
    for (const watcher of this.watchers) watcher();
  }

  /** @param {number} seq */
  took(seq) {
    this.seq = seq;
  }

  // Number of the last command that was carried out, and what was wrong with it.
  get commands() {
    return { done: 0, trouble: "" };
  }

  get commandsDone() {
    return this.commands.done;
  }

  // Count a command that is given now.
  next() {
    if (this.asked <= this.commandsDone) this.askedSince = performance.now();
    this.asked = Math.max(this.asked, this.commandsDone) + 1;
    return this.asked;
  }

  // What became of the commands, in words: those that are under way, and what was wrong with the last one.
  get commandWords() {
    const n = this.asked - this.commandsDone;
    if (n <= 0 || this.gone !== null) return this.commands.trouble;
    const age = duration((performance.now() - this.askedSince) / 1000);
    return `${n > 1 ? `${n} commands sent, wait` : "command sent, waits"} for the kernel (${age})`;
  }

  /** @param {string} reason */
  fail(reason) {
    this.failure = `this widget stopped: ${reason}`;
    this.changed();
  }

  /** @param {string} reason */
  lose(reason) {
    if (this.gone === reason) return;
    this.gone = reason;
    this.changed();
  }
}

export class KernelLink {
  /** @param {WidgetModel} model @param {KernelStore & { receive(message: never, buffers: Buffers): void }} store */
  constructor(model, store) {
    this.model = model;
    this.store = store;
    this.receivedAt = performance.now();
    this.pingedAt = -Infinity;
    this.ping = 0;
    this.pong = 0;
    this.recalled = /** @type {Promise<void> | undefined} */ (undefined);
    this.timer = setInterval(() => this.check(), 1000);
    model.on("comm_live_update", () => this.check());
  }

  close() {
    clearInterval(this.timer);
  }

  /** @param {PageMessage} content */
  send(content) {
    try {
      this.model.send({ ...content, seq: this.store.seq });
    } catch (error) {
      console.debug("rugs_lab: nothing was sent", error);
    }
  }

  /** @param {{ pong?: number | null }} message */
  received(message) {
    this.receivedAt = performance.now();
    this.pong = Math.max(this.pong, message.pong ?? 0);
    this.store.gone = null;
    if (this.pong === this.ping && this.receivedAt - this.pingedAt > PING_MS) this.sendPing();
  }

  sendPing() {
    this.pingedAt = performance.now();
    this.ping += 1;
    this.send({ kind: "ping", id: this.ping });
  }

  // Show what the widget's state was saved with; ages are from now.
  async recall() {
    const packed = /** @type {string} */ (this.model.get("_snapshot"));
    const messages = packed ? await inflated(packed).json() : [];
    if (this.store.setup || !messages.length) return;
    for (const [message, bytes] of messages)
      this.store.receive(/** @type {never} */ ({ ...message, now_ms: Date.now() }), [decoded(bytes)]);
    this.store.lose(NO_KERNEL);
  }

  // A busy kernel cannot answer; a restarted one never will.
  check() {
    const { store, pingedAt } = this;
    const now = performance.now();
    const { kernel } = this.model.widget_manager ?? {};
    const { status = "", connectionStatus = "connected" } = kernel ?? {};
    if (!store.setup && (!kernel || store.gone !== null)) this.recalled ??= this.recall();
    if (DEAD.has(status)) return store.lose("kernel lost: run the cell again");
    if (connectionStatus !== "connected") return store.gone ?? store.lose(OFFLINE);
    if (store.gone === OFFLINE) {
      this.received({ pong: this.ping }); // as far as is known
      return this.sendPing();
    }
    const unknown = !store.setup || (this.recalled && store.seq === null);
    if (unknown && store.watchers.size > 0 && status !== "busy") this.send({ kind: "hello" });
    if (store.gone !== null || store.failure !== null || status === "busy" || now - this.receivedAt < SILENCE_MS) return;
    if (this.pong === this.ping || now - pingedAt > 5 * NO_ANSWER_MS) this.sendPing();
    else if (now - pingedAt > NO_ANSWER_MS) store.lose("kernel lost: it does not answer; run the cell again");
  }
}

/** @param {string} base64 */
export function decoded(base64) {
  return Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));
}

/** @param {string} packed gzip in base64 */
export function inflated(packed) {
  return new Response(new Blob([decoded(packed)]).stream().pipeThrough(new DecompressionStream("gzip")));
}

// A copy, because a float64 view must begin at a multiple of eight bytes.
/** @param {Buffers[0] | undefined} view */
export function floats(view) {
  if (!view?.byteLength) return new Float64Array(0);
  return new Float64Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}
