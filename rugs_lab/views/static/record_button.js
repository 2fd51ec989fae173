// The record button, and the state of the recording: a badge, a line for problems, its file.
/** @import { FeedStore, Recording } from "./page" */
import { badge, button, fact, make, mark, status, write } from "./dom.js";
import { count, NONE } from "./formats.js";

const DOT = "M8 2 A6 6 0 1 0 8 14 A6 6 0 1 0 8 2 Z";
const RECORD_ICONS = {
  off: `${DOT} M8 4 A4 4 0 1 1 8 12 A4 4 0 1 1 8 4 Z`,
  recording: DOT,
  waiting: "M3 2 H6.5 V14 H3 Z M9.5 2 H13 V14 H9.5 Z",
  slow: "M8 2 L15 14 H1 Z",
  failing: "M8 2 L15 14 H1 Z",
  asked: "M2 7 H5 V9 H2 Z M6.5 7 H9.5 V9 H6.5 Z M11 7 H14 V9 H11 Z",
  UNKNOWN: "M2 7 H14 V9 H2 Z",
};
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
  folder = make("div", "rl-value");
  fileLabel = make("div", "rl-label");
  file = make("div", "rl-value");
  place = make(
    "div",
    "rl-column rl-record-place",
    fact("recordings folder", this.folder),
    make("div", "rl-fact", this.fileLabel, this.file),
  );

  /** @param {FeedStore} store @param {() => void} action */
  constructor(store, action) {
    this.store = store;
    this.button = button("rl-record", "", action);
    this.show();
  }

  show() {
    const { record, gone } = this.store;
    this.button.hidden = record === null;
    this.badge.box.hidden = this.place.hidden = record === null || gone !== null;
    this.note.hidden = true;
    if (record === null) return;
    this.showButton(record);
    this.showBadge(record);
    this.showNote(record);
    this.showPlace(record);
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
    if (wanted !== null && wanted !== on)
      mark(this.badge, RECORD_ICONS, "asked", wanted ? "starting to record" : "stopping the recording");
    else if (!on) mark(this.badge, RECORD_ICONS, "off", "not recording");
    else mark(this.badge, RECORD_ICONS, state, `recording${trouble} ${count(lines, "line")}`);
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

  /** @param {Recording} record */
  showPlace({ on, folder, path, lines }) {
    write(this.folder, folder);
    const label = on || path === null ? "current file" : `last file (${count(lines, "line")} in total)`;
    write(this.fileLabel, label);
    write(this.file, path ?? NONE);
  }
}
