// A strategy that trades paper money: picked from those there are, started and stopped, with its figures.
import { button, facts, make, option, select, write } from "./dom.js";
import { count, number, signedNumber, sol } from "./formats.js";
import { FoldingPart } from "./part_base.js";

/** @import { PartStates } from "./messages" */
/** @import { FeedStore } from "./feed_store.js" */

const STRATEGY_FACTS = { equity: "equity", realised: "realised", holds: "holds", games: "games", lines: "ledger", decisions: "decisions" };
const STRATEGY_STATES = { running: "trades", stopped: "stopped by an error", ended: "stopped by you" };

/** @extends {FoldingPart<"strategy">} */
export class StrategyPanel extends FoldingPart {
  listed = /** @type {PartStates["strategies"] | null} */ (null);

  /** @param {FeedStore} store */
  constructor(store) {
    super(store, "strategy", "rl-strategy", "strategy trading");
    this.select = select("rl-strategy-choice", () => this.showParameters());
    this.select.setAttribute("aria-label", "strategy");
    this.start = button("rl-strategy-start", "let this strategy trade 1 SOL of paper money from now on", () => this.begin(), "Start");
    this.stop = button("rl-strategy-stop", "end its trading; its account stays as it is", () => store.do("strategy.stop", {}), "Stop");
    this.parameters = make("span", "rl-strategy-parameters");
    this.say = make("div", "rl-say");
    this.say.setAttribute("role", "status");
    const { box, values } = facts(STRATEGY_FACTS, "rl-strategy-money");
    this.money = box;
    this.facts = values;
    const row = make("div", "rl-order-row", this.select, this.start, this.stop, this.parameters);
    this.box.append(make("div", "rl-strategy-body", row, this.say, this.money));
  }

  begin() {
    const [place, strategy] = JSON.parse(this.select.value || "[]");
    if (strategy !== undefined && this.store.gone === null) this.store.do("strategy.start", { place, strategy });
  }

  show() {
    const { strategies } = this.store.parts;
    if (strategies && strategies !== this.listed) this.list(strategies);
    super.show();
  }

  /** @param {PartStates["strategy"]} state */
  draw(state) {
    this.stop.hidden = state.state !== "running";
    this.money.hidden = state.state === "none";
    write(this.start, state.state === "none" ? "Start" : "Start anew");
    this.say.dataset.is = state.trouble || state.state === "stopped" ? "refused" : "done";
    if (state.state === "none") {
      write(this.say, state.trouble);
      write(this.brief, "none from this cell; open to let one trade paper money");
      return;
    }
    const { strategy, parameters, error, figures, trouble } = state;
    const words = STRATEGY_STATES[state.state];
    write(this.say, trouble || `${strategy}(${parameters}) ${words}${error ? `: ${error}` : ""}`);
    write(this.brief, `${strategy} ${words}: equity ${sol(figures.equity)} SOL, ${count(figures.games, "game")}`);
    write(this.facts.equity, `${sol(figures.equity)} SOL`);
    write(this.facts.realised, `${signedNumber(figures.realised, 6)} SOL`);
    const holds = [figures.units ? `${sol(figures.units)} units` : "", figures.bet ? "a side bet" : ""];
    write(this.facts.holds, holds.filter(Boolean).join(", ") || "nothing");
    write(this.facts.games, number(figures.games));
    write(this.facts.lines, count(figures.lines, "line"));
    write(this.facts.decisions, `${number(state.decisions)}, ${number(state.mean_ms, 2)} ms each`);
  }

  // A strategy that was picked stays picked when others are defined.
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
