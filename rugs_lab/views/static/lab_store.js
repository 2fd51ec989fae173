// What the page of the strategy widget knows: the form's fields, how far a run is, and its result.
/** @import { Buffers, LabCommand, LabResult, LabSetup, LabState, Param, Params, Send } from "./page" */
import { unpacked } from "./figures.js";
import { ANSWER_MS, floats, KernelStore } from "./kernel_link.js";

/** @typedef {"params" | "session"} Group */

const SEND_MS = 60;

export class LabStore extends KernelStore {
  /** @param {Send} send */
  constructor(send) {
    super(send);
    this.setup = /** @type {LabSetup | null} */ (null);
    this.state = /** @type {LabState | null} */ (null);
    this.result = /** @type {LabResult | null} */ (null);
    this.requested = 0; // number of the last request
    this.timer = /** @type {ReturnType<typeof setTimeout> | null} */ (null);
    this.sentAt = -Infinity;
    this.unsent = noValues();
  }

  /** @param {LabSetup | LabState | LabResult} message @param {Buffers} buffers */
  receive(message, buffers) {
    if (message.kind !== "setup") this.took(message.seq);
    if (message.kind === "setup") this.setup = message;
    else if (message.kind === "state") this.state = message;
    else this.result = { ...message, figures: unpacked(message.figures, floats(buffers[0])) };
    this.changed();
  }

  // Number of the last request that the kernel knows of.
  get taken() {
    return this.state?.taken ?? 0;
  }

  // Whether the form is ahead of the kernel: the values that it reports are out of date then.
  get flying() {
    if (this.timer !== null) return true;
    return this.taken < this.requested && performance.now() - this.sentAt < ANSWER_MS;
  }

  // Ask for a run with this value; values that are set at nearly the same time go together.
  /** @param {Group} group @param {string} name @param {Param} value */
  request(group, name, value) {
    this.unsent[group][name] = value;
    if (this.timer !== null) return;
    const wait = Math.max(0, this.sentAt + SEND_MS - performance.now());
    this.timer = setTimeout(() => this.sendRequest(), wait);
  }

  sendRequest() {
    this.timer = null;
    this.sentAt = performance.now();
    this.requested = Math.max(this.requested, this.taken) + 1;
    this.send({ kind: "request", id: this.requested, ...this.unsent });
    this.unsent = noValues();
  }

  get commands() {
    return { done: this.state?.commands ?? 0, trouble: this.state?.trouble ?? "" };
  }

  /** @param {LabCommand} name */
  press(name) {
    if (this.gone !== null) return;
    this.send({ kind: "do", name, id: this.next() });
    this.changed();
  }
}

/** @returns {Record<Group, Params>} */
function noValues() {
  return { params: {}, session: {} };
}
