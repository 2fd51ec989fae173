// Alerts of the feed: what each waits for and what met it last; a notification of the browser where the reader wants it.
/** @import { AlertRow, FeedStore, PartStates } from "./page" */
import { button, input, make, status } from "./dom.js";
import { Part } from "./part_base.js";

/** @extends {Part<"alerts">} */
export class Alerts extends Part {
  met = /** @type {Map<number, number>} */ (new Map());
  list = status("rl-row", "span");
  wanted = input("", { type: "checkbox" });
  box = make("div", "rl-message rl-row rl-alerts", "alerts:", this.list, make("label", "rl-mode", this.wanted, "notify me"));

  /** @param {FeedStore} store @param {"alerts"} name */
  constructor(store, name) {
    super(store, name);
    this.box.hidden = true;
    this.wanted.addEventListener("change", async () => {
      if (this.wanted.checked) this.wanted.checked = (await globalThis.Notification?.requestPermission()) === "granted";
    });
  }

  /** @param {PartStates["alerts"]} state */
  draw({ alerts }) {
    this.box.hidden = !alerts.length;
    this.list.replaceChildren(...alerts.map((alert) => this.line(alert)));
    for (const [number, words, fired, last] of alerts) {
      const news = fired > (this.met.get(number) ?? 0);
      this.met.set(number, fired);
      if (news && this.wanted.checked) new Notification(words, { body: last, tag: `rugs_lab ${number}` });
    }
  }

  /** @param {AlertRow} alert */
  line([number, words, , last]) {
    const remove = () => this.store.do("alerts.remove", { alert: number });
    return make("span", "rl-control", last ? `${words}: ${last}` : words, button("rl-page", `remove: ${words}`, remove, "×"));
  }
}
