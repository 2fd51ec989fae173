// A strategy that trades paper money: picked from a list, started and stopped, with its figures.
/** @import { PartStates } from "./page" */
import { button, facts, make, option, select, status, write } from "./dom.js";
import { count, number, sol } from "./formats.js";
import { FoldingPart } from "./part_base.js";

const STRATEGY_FACTS = {
  equity: "equity",
  realised: "realised",
  position: "position",
  games: "games",
  lines: "ledger",
  decisions: "decisions",
};
const STRATEGY_STATES = {
  running: "trading",
  paused: "paused by an error",
  stopped: "stopped by an error",
  ended: "stopped by you",
};

/** @extends {FoldingPart<"strategy">} */
export class StrategyPanel extends FoldingPart {
  listed = /** @type {PartStates["strategies"] | null} */ (null);
  words = ""; // about the strategy that was started
  select = select("rl-strategy-choice", () => this.showParameters(), "strategy");
  start = button("rl-strategy-start", "let this strategy trade 1 SOL of paper money from now on", () => this.begin(), "Start");
  stop = button("rl-strategy-stop", "stop trading; the account is kept", () => this.store.do("strategy.stop", {}), "Stop");
  resume = button("rl-strategy-resume", "let it continue", () => this.store.do("strategy.resume", {}), "Resume");
  parameters = make("span", "rl-muted rl-strategy-parameters");
  message = status("rl-message");
  facts = facts(STRATEGY_FACTS, "rl-money");
  row = make("div", "rl-row", this.select, this.start, this.stop, this.resume, this.parameters);
  box = this.folded("rl-strategy", "strategy trading", make("div", "rl-column", this.row, this.message, this.facts.box));

  begin() {
    const [place, strategy] = JSON.parse(this.select.value || "[]");
    if (strategy !== undefined && this.store.gone === null) this.store.do("strategy.start", { place, strategy });
  }

  show() {
    const { strategies } = this.store.parts;
    if (strategies && strategies !== this.listed) this.list(strategies);
    super.show();
    const { trouble } = this.store.commands;
    write(this.message, trouble || this.words);
    this.message.dataset.is = trouble || ["paused", "stopped"].includes(this.state?.state ?? "") ? "rejected" : "done";
  }

  /** @param {PartStates["strategy"]} state */
  draw(state) {
    this.stop.hidden = state.state !== "running" && state.state !== "paused";
    this.resume.hidden = state.state !== "paused";
    this.facts.box.hidden = state.state === "none";
    write(this.start, state.state === "none" ? "Start" : "Restart");
    if (state.state === "none") {
      write(this.brief, "none started here; open to let one trade paper money");
      return;
    }
    const { strategy, parameters, error, figures } = state;
    const { values } = this.facts;
    const words = STRATEGY_STATES[state.state];
    this.words = `${strategy}(${parameters}) ${words}${error ? `: ${error}` : ""}`;
    write(this.brief, `${strategy} ${words}: equity ${sol(figures.equity)} SOL, ${count(figures.games, "game")}`);
    write(values.equity, `${sol(figures.equity)} SOL`);
    write(values.realised, `${number(figures.realised, 6, "", "+")} SOL`);
    const holds = [figures.units ? `${sol(figures.units)} units` : "", figures.bet ? "side bet" : ""];
    write(values.position, holds.filter(Boolean).join(", ") || "none");
    write(values.games, number(figures.games));
    write(values.lines, count(figures.lines, "line"));
    write(values.decisions, `${number(state.decisions)}, ${number(state.mean_ms, 2)} ms each`);
  }

  // A strategy that was picked stays selected when others are defined.
  /** @param {PartStates["strategies"]} listed */
  list(listed) {
    this.listed = listed;
    const before = this.select.value;
    const groups = /** @type {Map<string, HTMLOptionElement[]>} */ (new Map());
    for (const [place, name, parameters] of listed.strategies) {
      const item = option(JSON.stringify([place, name]), name);
      item.dataset.parameters = parameters;
      groups.set(place, [...(groups.get(place) ?? []), item]);
    }
    const made = [...groups].reverse().map(([place, options]) => {
      const label = place === "notebook" ? "defined in this notebook" : place;
      return Object.assign(make("optgroup", "", ...options), { label });
    });
    this.select.replaceChildren(...made);
    if ([...this.select.options].some(({ value }) => value === before)) this.select.value = before;
    this.showParameters();
  }

  showParameters() {
    write(this.parameters, this.select.selectedOptions[0]?.dataset.parameters ?? "");
  }
}
