// A rule that trades paper money: picked from those there are, started and stopped, with its figures.
import { button, make, number, signedNumber, sol, write } from "./dom.js";

const RULE_FACTS = [
  ["equity", "equity"],
  ["realised", "realised"],
  ["holds", "holds"],
  ["games", "games"],
  ["lines", "ledger"],
  ["decisions", "decisions"],
];
const RULE_STATES = { running: "trades", stopped: "stopped by an error", ended: "stopped by you" };

export class RulePart {
  constructor(store) {
    this.store = store;
    this.shown = null;
    this.listed = null;
    this.select = make("select", "rl-rule-choice");
    this.select.setAttribute("aria-label", "rule");
    this.select.addEventListener("change", () => this.showParameters());
    this.start = button("rl-rule-start", "let this rule trade 1 SOL of paper money from now on", () => this.begin(), "Start");
    this.stop = button("rl-rule-stop", "end its trading; its account stays as it is", () => store.do("rule.stop"), "Stop");
    this.parameters = make("span", "rl-rule-parameters");
    this.say = make("div", "rl-rule-say");
    this.say.setAttribute("role", "status");
    this.facts = {};
    const facts = make("div", "rl-facts rl-rule-money");
    for (const [key, label] of RULE_FACTS) {
      this.facts[key] = make("div", "rl-value");
      facts.append(make("div", "rl-fact", make("div", "rl-label", label), this.facts[key]));
    }
    this.money = facts;
    this.brief = make("span", "rl-brief");
    const title = make("span", "rl-part-title", "rule trading");
    const row = make("div", "rl-order-row", this.select, this.start, this.stop, this.parameters);
    this.box = make("details", "rl-rule rl-part", make("summary", "", title, this.brief), make("div", "rl-rule-body", row, this.say, facts));
  }

  begin() {
    const [place, rule] = JSON.parse(this.select.value || "[]");
    if (rule !== undefined && this.store.gone === null) this.store.do("rule.start", { place, rule });
  }

  show() {
    const { rules, rule: state } = this.store.parts;
    if (rules && rules !== this.listed) this.list(rules.rules);
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
    write(this.brief, `${state.rule} ${RULE_STATES[state.state]}: equity ${sol(figures.equity)} SOL, ${games(figures)}`);
    write(this.facts.equity, `${sol(figures.equity)} SOL`);
    write(this.facts.realised, `${signedNumber(figures.realised, 6)} SOL`);
    write(this.facts.holds, [figures.units ? `${sol(figures.units)} units` : "", figures.bet ? "a side bet" : ""].filter(Boolean).join(", ") || "nothing");
    write(this.facts.games, number(figures.games, 0));
    write(this.facts.lines, `${number(figures.lines, 0)} ${figures.lines === 1 ? "line" : "lines"}`);
    write(this.facts.decisions, `${number(state.decisions, 0)}, ${number(state.mean_ms, 2)} ms each`);
    return undefined;
  }

  words({ state, trouble, rule, parameters, error }) {
    if (trouble) return trouble;
    if (state === "none") return "";
    const named = `${rule}(${parameters})`;
    return `${named} ${RULE_STATES[state]}${error ? `: ${error}` : ""}`;
  }

  // A rule that was picked stays picked when others are defined.
  list(rules) {
    this.listed = this.store.parts.rules;
    const before = this.select.value;
    const groups = new Map();
    for (const [place, name, parameters] of rules) {
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
