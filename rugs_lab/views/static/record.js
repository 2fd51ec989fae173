// The record button, and what is said of the recording: a badge, a line when it is not well, its place.
import { NONE, badge, button, make, mark, number, write } from "./dom.js";

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
// What stands before the reason, and in the badge before the number of lines.
const WORRIES = {
  waiting: ["recording waits for data", "waiting"],
  slow: ["recording is slow", "slow"],
  failing: ["recording fails", "failing"],
  failed: ["recording did not begin", "not recording"],
};

export class RecordPart {
  constructor(store, action) {
    this.store = store;
    this.badge = badge("rl-record-state");
    this.button = button("rl-record", "", action);
    this.worry = make("span", "rl-record-worry");
    this.worry.setAttribute("role", "status"); // announced when it changes; the numbers in the reason are not
    this.reason = make("span", "");
    this.note = make("div", "rl-record-note", this.worry, this.reason);
    this.folder = make("div", "rl-value");
    this.fileLabel = make("div", "rl-label");
    this.file = make("div", "rl-value");
    const label = make("div", "rl-label", "folder of recordings");
    this.place = make(
      "div",
      "rl-record-place",
      make("div", "rl-fact", label, this.folder),
      make("div", "rl-fact", this.fileLabel, this.file),
    );
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

  showButton({ on, folder, path }) {
    const { recording, gone } = this.store;
    write(this.button, recording ? "Stop recording" : "Record");
    const going = on && path !== null ? `stop recording; writing ${path}` : `stop recording to ${folder}`;
    this.button.title = recording ? going : `record what comes from now on, to files in ${folder}`;
    this.button.dataset.is = recording ? "recording" : "off";
    this.button.disabled = gone !== null;
  }

  showBadge({ on, state, lines }) {
    const { recordWish } = this.store;
    if (recordWish && recordWish.on !== on)
      return mark(this.badge, RECORD_ICONS, "asked", recordWish.on ? "starting to record" : "ending the recording");
    if (!on) return mark(this.badge, RECORD_ICONS, "off", "not recording");
    const count = `${number(lines, 0)} ${lines === 1 ? "line" : "lines"}`;
    return mark(this.badge, RECORD_ICONS, state, `${WORRIES[state] ? `recording ${WORRIES[state][1]},` : "recording"} ${count}`);
  }

  showNote({ on, state, reason, lost }) {
    const { gone } = this.store;
    const loss = on ? "recording lost lines" : "recording ended, lines were lost";
    const worry = WORRIES[state]?.[0] ?? (lost > 0 ? loss : "");
    this.note.hidden = !worry || gone !== null;
    this.note.dataset.is = state;
    write(this.worry, worry);
    write(this.reason, worry && reason ? `: ${reason}` : "");
  }

  showPlace({ on, folder, path, lines }) {
    write(this.folder, folder);
    write(this.fileLabel, on || path === null ? "file being recorded" : `last file recorded (${number(lines, 0)} lines in all)`);
    write(this.file, path ?? NONE);
  }
}
