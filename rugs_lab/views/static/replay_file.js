// In a file without a kernel: what a replay's widget would be sent, recorded tick by tick, and played by the page.
/** @import { Buffers, PageMessage, ReplaySettings, Tape } from "./page" */
import { decoded, inflated } from "./kernel_link.js";
import { liveView } from "./live_view.js";

const TICK_MS = 250;

class RecordedKernel {
  /** @param {Tape} tape @param {() => Promise<Uint8Array>} bokeh */
  constructor(tape, bokeh) {
    this.tape = tape;
    this.bokeh = bokeh;
    this.seq = this.position = this.place = this.next = this.done = 0;
    this.settings = /** @type {ReplaySettings} */ ({ playing: false, speed: 1, autoplay: true, loop: false, shuffle: false });
    this.deliver = (/** @type {object} */ _message, /** @type {Buffers} */ _buffers) => {};
    this.wait();
  }

  /** @param {string} _event @param {(content: never, buffers: Buffers) => void} call */
  on(_event, call) {
    if (_event === "msg:custom") this.deliver = /** @type {typeof this.deliver} */ (call);
  }

  get() {}

  get game() {
    return this.tape.games[this.position];
  }

  get ended() {
    return this.place === this.game.length - 1 && this.position === this.tape.games.length - 1;
  }

  /** @param {PageMessage} request */
  send(request) {
    if (request.kind === "hello") {
      this.deliver(this.tape.setup, []);
      this.show(this.position, this.place);
    } else if (request.kind === "snapshot") this.show(this.position, this.place);
    else if (request.kind === "bokeh") this.bokeh().then((script) => this.deliver(request, [script]));
    else if (request.kind === "ping") this.tell({ pong: request.id });
    else if (request.kind === "do") this.act(request.name, /** @type {{ [name: string]: number }} */ (request.args), request.id);
  }

  /** @param {string} name @param {{ [name: string]: number }} args @param {number} id */
  act(name, args, id) {
    this.done = id;
    const [part, action] = name.split(".");
    if (part !== "replay_controls") return this.tell({}, "saved replay: paper trading and sorting need a kernel");
    if (action === "set") Object.assign(this.settings, args);
    else if (action === "next") this.show(this.position + 1, 0);
    else if (action === "previous") this.show(this.position - 1, 0);
    else if (action === "select") this.show(args.position, 0);
    else {
      if (action === "hold") this.settings.playing = false;
      this.show(this.position, args.tick + 1);
    }
    this.tell({});
  }

  // Tell a game from its beginning to a place: its first message is a snapshot.
  /** @param {number} position @param {number} place */
  show(position, place) {
    this.position = Math.min(Math.max(position, 0), this.tape.games.length - 1);
    this.place = Math.min(Math.max(place, 0), this.game.length - 1);
    for (const message of this.game.slice(0, this.place + 1)) this.tell(message);
  }

  /** @param {Partial<Tape["games"][0][0]>} message @param {string} [trouble] */
  tell(message, trouble = "") {
    this.seq += 1;
    const rows = { kind: "rows", n: 0, row: this.next, ...message, seq: this.seq };
    this.next = rows.row + rows.n;
    const { position, place, ended, settings } = this;
    const tick = place - 1;
    const last = this.game.length - 2;
    const replay_controls = { ...settings, tick, last, frontier: tick, position, count: this.tape.games.length, ended };
    const parts = { ...message.parts, replay_controls, commands: { done: this.done, trouble } };
    this.deliver({ ...rows, parts }, [decoded(message.floats ?? "")]);
  }

  wait() {
    const turn = () => {
      if (this.settings.playing) this.step();
      this.wait();
    };
    setTimeout(turn, TICK_MS / (this.settings.speed ?? 100));
  }

  step() {
    if (this.place < this.game.length - 1) {
      this.place += 1;
      this.tell(this.game[this.place]);
    } else if (this.settings.autoplay && (!this.ended || this.settings.loop)) {
      this.show((this.position + 1) % this.tape.games.length, 0);
    } else {
      this.settings.playing = false;
      this.tell({});
    }
  }
}

/** @param {string} tape @param {string} bokeh both packed @param {HTMLElement} el */
export async function openFile(tape, bokeh, el) {
  const script = async () => new Uint8Array(await inflated(bokeh).arrayBuffer());
  const model = new RecordedKernel(/** @type {Tape} */ (await inflated(tape).json()), script);
  const widget = liveView();
  widget.initialize({ model });
  widget.render({ el });
}
