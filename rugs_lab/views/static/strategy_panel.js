// A strategy that trades paper money: picked from those there are, started and stopped, with its figures.
import { button, make, number, signedNumber, sol, write } from "./dom.js";

const STRATEGY_FACTS = [
  ["equity", "equity"],
  ["realised", "realised"],
  ["holds", "holds"],
  ["games", "games"],
  ["lines", "ledger"],
  ["decisions", "decisions"],
];
const STRATEGY_STATES = { running: "trades", stopped: "stopped by an error", ended: "stopped by you" };

export class StrategyPanel {
  constructor(store) {
    this.store = store;
    this.shown = null;
    this.listed = null;
    this.select = make("select", "rl-strategy-choice");
    this.select.setAttribute("aria-label", "strategy");
    this.select.addEventListener("change", () => this.showParameters());
    this.start = button("rl-strategy-start", "let this strategy trade 1 SOL of paper money from now on", () => this.begin(), "Start");
    this.stop = button("rl-strategy-stop", "end its trading; its account stays as it is", () => store.do("strategy.stop"), "Stop");
    this.parameters = make("span", "rl-strategy-parameters");
    this.say = make("div", "rl-strategy-say");
    this.say.setAttribute("role", "status");
    this.facts = {};
    const facts = make("div", "rl-facts rl-strategy-money");
    for (const [key, label] of STRATEGY_FACTS) {
      this.facts[key] = make("div", "rl-value");
      facts.append(make("div", "rl-fact", make("div", "rl-label", label), this.facts[key]));
    }
    this.money = facts;
    this.brief = make("span", "rl-brief");
    const title = make("span", "rl-part-title", "strategy trading");
    const row = make("div", "rl-order-row", this.select, this.start, this.stop, this.parameters);
    this.box = make("details", "rl-strategy rl-part", make("summary", "", title, this.brief), make("div", "rl-strategy-body", row, this.say, facts));
  }

  begin() {
    const [place, strategy] = JSON.parse(this.select.value || "[]");
    if (strategy !== undefined && this.store.gone === null) this.store.do("strategy.start", { place, strategy });
  }

  show() {
    const { strategies, strategy: state } = this.store.parts;
    if (strategies && strategies !== this.listed) this.list(strategies.strategies);
    if (!state || state === this.shown) return;
    this.shown = state;
    const running = state.state === "running";
    this.stop.hidden = !running;
    write(this.start, state.state === "none" ? "Start" : "Start anew");
    this.money.hidden = state.state === "none";
    write(this.say, this.words(state));
    this.say.dataset.is = state.trouble || state.state === "stopped" ? "refused" : "done";
    if (state.state === "none") return write(this.brief, "none from this cell; open to let one trade paper money");
    const { figures } = state;
    write(this.brief, `${state.strategy} ${STRATEGY_STATES[state.state]}: equity ${sol(figures.equity)} SOL, ${games(figures)}`);
    write(this.facts.equity, `${sol(figures.equity)} SOL`);
    write(this.facts.realised, `${signedNumber(figures.realised, 6)} SOL`);
    write(this.facts.holds, [figures.units ? `${sol(figures.units)} units` : "", figures.bet ? "a side bet" : ""].filter(Boolean).join(", ") || "nothing");
    write(this.facts.games, number(figures.games, 0));
    write(this.facts.lines, `${number(figures.lines, 0)} ${figures.lines === 1 ? "line" : "lines"}`);
    write(this.facts.decisions, `${number(state.decisions, 0)}, ${number(state.mean_ms, 2)} ms each`);
    return undefined;
  }

  words({ state, trouble, strategy, parameters, error }) {
    if (trouble) return trouble;
    if (state === "none") return "";
    const named = `${strategy}(${parameters})`;
    return `${named} ${STRATEGY_STATES[state]}${error ? `: ${error}` : ""}`;
  }

  // A strategy that was picked stays picked when others are defined.
  list(strategies) {
    this.listed = this.store.parts.strategies;
    const before = this.select.value;
    const groups = new Map();
    for (const [place, name, parameters] of strategies) {
      const option = Object.assign(make("option", "", name), { value: JSON.stringify([place, name]) });
      option.dataset.parameters = parameters;
      groups.set(place, [...(groups.get(place) ?? []), option]);
    }
    const made = [...groups].reverse().map(([place, options]) =>
      Object.assign(make("optgroup", "", ...options), { label: place === "notebook" ? "defined in this notebook" : place }),
    );
    this.select.replaceChildren(...made);
    if ([...this.select.options].some((option) => option.value === before)) this.select.value = before;
    this.showParameters();
  }

  showParameters() {
    write(this.parameters, this.select.selectedOptions[0]?.dataset.parameters ?? "");
  }
}

function games({ games: count }) {
  return `${number(count, 0)} ${count === 1 ? "game" : "games"}`;
}
