// The record button, and the state of the recording: a badge, a line for problems.
/** @import { FeedStore, Recording } from "./page" */
import { badge, button, make, mark, status, write } from "./dom.js";
import { count } from "./formats.js";

// Text before the reason, and in the badge before the number of lines.
const PROBLEMS = /** @type {Record<string, [string, string]>} */ ({
  waiting: ["recording is waiting for data", "waiting"],
  slow: ["recording is slow", "slow"],
  failing: ["recording is failing", "failing"],
  failed: ["recording could not start", "not recording"],
});

export class RecordButton {
  badge = badge("rl-label rl-record-state");
  problem = status("", "span"); // announced when it changes; the numbers in the reason are not
  reason = make("span");
  note = make("div", "rl-message rl-record-note", this.problem, this.reason);

  /** @param {FeedStore} store @param {() => void} action */
  constructor(store, action) {
    this.store = store;
    this.button = button("rl-record", "", action);
    this.show();
  }

  show() {
    const { record, gone } = this.store;
    this.button.hidden = record === null;
    this.badge.box.hidden = record === null || gone !== null;
    this.note.hidden = true;
    if (record === null) return;
    this.showButton(record);
    this.showBadge(record);
    this.showNote(record);
  }

  /** @param {Recording} record */
  showButton({ on, folder, path }) {
    const { recording, gone } = this.store;
    write(this.button, recording ? "Stop recording" : "Record");
    const going = on && path !== null ? `stop recording; writing ${path}` : `stop recording to ${folder}`;
    this.button.title = recording ? going : `record from now on, to files in ${folder}`;
    this.button.dataset.is = recording ? "recording" : "off";
    this.button.disabled = gone !== null;
  }

  /** @param {Recording} record */
  showBadge({ on, state, lines }) {
    const { wanted } = this.store.recorder;
    const trouble = PROBLEMS[state] ? ` ${PROBLEMS[state][1]},` : "";
    if (wanted !== null && wanted !== on) mark(this.badge, "asked", wanted ? "starting to record" : "stopping the recording");
    else if (!on) mark(this.badge, "off", "not recording");
    else mark(this.badge, state, `recording${trouble} ${count(lines, "line")}`);
  }

  /** @param {Recording} record */
  showNote({ on, state, reason, lost }) {
    const loss = on ? "recording lost lines" : "recording ended; lines were lost";
    const problem = PROBLEMS[state]?.[0] ?? (lost > 0 ? loss : "");
    this.note.hidden = !problem || this.store.gone !== null;
    this.note.dataset.is = state;
    write(this.problem, problem);
    write(this.reason, problem && reason ? `: ${reason}` : "");
  }
}
