// The trading panel: amount, orders, position, and the ledger of the session. Paper money only.
/** @import { Commands, Keys, LedgerRow, OpenAccount, Order, PartStates } from "./page" */
import { button, facts, idCell, input, make, NUMBER, status, Table, write } from "./dom.js";
import { count, decimal, multiple, NONE, number, shortId, sol, typed } from "./formats.js";
import { oneStop } from "./keys.js";
import { FoldingPart } from "./part_base.js";

const STEPS = [0.001, 0.01, 0.1, 1];
const MONEY_FACTS = {
  cash: "cash",
  position: "position",
  now: "if sold now",
  average: "average cost",
  unrealised: "unrealised",
  realised: "realised",
  equity: "equity",
  result: "last result",
};
const LEDGER = ["game", "tick", "type", "price (x)", "units", "change (SOL)", "cash (SOL)", "profit (SOL)"];
const WHAT = /** @type {Record<string, string>} */ ({ rug: "settled at the rug", sidebet: "side bet", void: "refunded" });
const BUY = "buy for this amount at the next tick";
const SIDEBET = "stake this amount on a rug within 40 ticks; pays 5x in total";

/** @extends {FoldingPart<"trade">} */
export class TradePanel extends FoldingPart {
  opened = false;
  amount = input("rl-amount", { ...NUMBER, value: "0.01", ariaLabel: "amount in SOL" });
  steps = make(
    "span",
    "rl-row rl-steps",
    ...STEPS.map((step) => this.change(`+${step}`, `add ${step} SOL`, (value) => value + step)),
    this.change("½", "half", (value) => value / 2),
    this.change("×2", "double", (value) => value * 2),
    this.change("max", "All cash, up to the order limit", () => this.most),
  );
  buy = button("rl-buy", BUY, () => this.order("trade.buy"), "Buy");
  sidebet = button("rl-sidebet", SIDEBET, () => this.order("trade.sidebet"), "Side bet");
  sells = make("span", "rl-row rl-sells");
  cancel = button("", "Cancel pending orders", () => this.ask("trade.cancel", {}), "Cancel");
  pending = make("span");
  waiting = make("div", "rl-row rl-pending", this.pending, this.cancel);
  message = status("rl-message");
  closed = status("rl-warning");
  betBar = Object.assign(make("progress", "rl-bar"), { ariaLabel: "ticks left of the side bet" });
  betText = make("span");
  bet = make("div", "rl-row rl-bet", this.betBar, this.betText);
  exits = ["stop-loss", "take-profit"].map((what) => this.exit(what));
  facts = facts(MONEY_FACTS, "rl-money");
  losing = make("span");
  clear = button("rl-clear", "begin a new session", () => this.reset(), "Clear ledger");
  restart = make("details", "rl-restart", make("summary", "", "New session"), this.losing, this.clear);
  ledger = new Table(LEDGER, "no trades yet");
  ledgerTitle = make("span", "rl-label");
  box = this.folded("rl-trade", "paper trading", this.inside());

  inside() {
    const { steps, buy, sells, sidebet, bet, waiting, message, closed } = this;
    const row = make("div", "rl-row", make("label", "rl-control", this.amount, make("span", "", "SOL")), oneStop(steps));
    const orders = make("div", "rl-row", buy, oneStop(sells), sidebet);
    const exits = make("div", "rl-row", ...this.exits.map((field) => make("label", "rl-control", `${field.name} (x)`, field)));
    const left = make("div", "rl-column", row, orders, exits, bet, waiting, message, closed, this.facts.box);
    const right = make("div", "rl-ledger", make("div", "rl-table-head", this.ledgerTitle, this.restart), this.ledger.box);
    this.amount.addEventListener("input", () => this.show());
    return make("div", "rl-halves", left, right);
  }

  /** @param {string} text @param {string} title @param {(value: number) => number} how */
  change(text, title, how) {
    return button("rl-step", title, () => this.setAmount(how(this.size || 0)), text);
  }

  /** @param {string} name */
  exit(name) {
    const title = `sell all once the price is ${name === "stop-loss" ? "at most" : "at least"} this; filled at the next tick`;
    const field = input("rl-exit", { ...NUMBER, name, title });
    field.addEventListener("change", () => {
      const [stop, take] = this.exits.map(({ value }) => (value.trim() ? typed(value) || 0 : null));
      this.ask("trade.exits", { stop, take });
    });
    return field;
  }

  /** @param {number} value SOL */
  setAmount(value) {
    this.amount.value = decimal(Math.min(Math.max(value, 0), 1e6));
    this.show();
  }

  get most() {
    return this.state?.open ? Math.min(this.state.cash, this.state.most) : 0;
  }

  // The amount that was entered, SOL.
  get size() {
    return typed(this.amount.value);
  }

  // Why no order is accepted now; empty where one is.
  get closedFor() {
    const { state } = this;
    if (!state?.open) return "";
    if (this.store.gone !== null) return `no orders now: ${this.store.gone}`;
    if (state.rejection) return `no orders now: ${state.rejection}`;
    return state.tradeable ? "" : "between games: orders are accepted again in presale";
  }

  get amountTrouble() {
    const { size } = this;
    if (Number.isNaN(size)) return "Enter a number";
    return size > 0 ? "" : "Enter an amount above 0";
  }

  /** @returns {Keys} */
  get keys() {
    if (!this.state?.open || !this.box.isConnected) return {};
    const sizes = STEPS.map((step, i) => [i + 1, [`amount ${step} SOL`, () => this.setAmount(step)]]);
    return {
      ...Object.fromEntries(sizes),
      b: ["buy", () => this.order("trade.buy")],
      s: ["sell all", () => this.ask("trade.sell", { fraction: 1 })],
      d: ["side bet", () => this.order("trade.sidebet")],
      c: ["cancel pending orders", () => this.ask("trade.cancel", {})],
    };
  }

  /** @param {"trade.buy" | "trade.sidebet"} name */
  order(name) {
    if (!this.closedFor && !this.amountTrouble) this.ask(name, { size: this.size });
  }

  /** @template {keyof Commands} K @param {K} name @param {Commands[K]} args */
  ask(name, args) {
    if (this.store.gone === null) this.store.do(name, args);
  }

  reset() {
    this.restart.open = false;
    this.ask("trade.reset", {});
  }

  fill() {
    if (this.box.open && !this.state?.open) this.ask("trade.open", {});
  }

  show() {
    const { state } = this;
    this.bet.hidden = !state?.open || !state.bet;
    if (state?.open) {
      this.showBet(state);
      this.showOutcome(state);
    }
    super.show();
  }

  /** @param {PartStates["trade"]} state */
  draw(state) {
    if (!state.open) {
      write(this.brief, `${sol(state.cash)} SOL of paper money; open to trade by hand`);
      for (const node of [this.message, this.closed]) write(node, "");
      this.opened = false;
      return;
    }
    if (!this.opened) this.opened = this.box.open = true;
    this.showSells(state);
    this.showFacts(state);
    this.waiting.hidden = !state.pending.length;
    write(this.pending, `pending: ${state.pending.map((order) => `${orderWords(order)} at tick ${order.due}`).join("; ")}`);
    for (const [i, field] of this.exits.entries()) {
      const text = `${state.exits[i] ?? ""}`;
      if (field.defaultValue !== text) field.value = field.defaultValue = text; // else it may be being written
    }
    const { ledger, lines, start } = state;
    const lost = `${count(lines, "line")} of the ledger, pending orders and the open position`;
    write(this.losing, `clears ${lost}; restarts with ${sol(start)} SOL`);
    write(this.ledgerTitle, `ledger: ${lines > ledger.length ? `the last ${ledger.length} of ` : ""}${count(lines, "line")}`);
    this.ledger.fill(ledger.map(ledgerCells));
  }

  /** @param {OpenAccount} state */
  showSells({ fractions }) {
    if (!this.sells.childElementCount) {
      this.sells.append(make("span", "", "Sell"));
      for (const fraction of fractions) {
        const percent = `${Math.round(fraction * 100)} %`;
        const sell = () => this.ask("trade.sell", { fraction });
        this.sells.append(button("rl-sell", `sell ${percent} of the position at the next tick`, sell, percent));
      }
    }
  }

  /** @param {OpenAccount} state */
  showFacts({ cash, units, value, average, unrealised, realised, equity, result }) {
    const { values } = this.facts;
    const percent = number((100 * unrealised) / (value - unrealised), 1, " %", "+");
    write(values.cash, `${sol(cash)} SOL`);
    write(values.position, units ? `${sol(units)} units` : NONE);
    write(values.now, units ? `${sol(value)} SOL` : NONE);
    write(values.average, number(average, 4, "x"));
    write(values.unrealised, units ? `${sol(unrealised, "+")} SOL (${percent})` : NONE);
    write(values.realised, `${sol(realised, "+")} SOL`);
    write(values.equity, `${sol(equity)} SOL`);
    write(values.result, result ? `${sol(result[1], "+")} SOL (${shortId(result[0])})` : NONE);
    write(this.brief, `equity ${sol(equity)} SOL, realised ${sol(realised, "+")} SOL`);
  }

  /** @param {OpenAccount} state */
  showBet({ bet, now, window }) {
    if (!bet) return;
    const left = Math.max(bet.end - Math.max(now, bet.start), 0);
    write(this.betText, `side bet ${sol(bet.stake)} SOL: ${left} ticks left, wins on a rug up to tick ${bet.end}`);
    Object.assign(this.betBar, { max: window, value: left });
  }

  // The outcome of the newest orders of this game, and whether more are accepted.
  /** @param {OpenAccount} state */
  showOutcome(state) {
    const done = state.orders.filter(({ status }) => status !== "pending");
    const trouble = this.store.commandWords;
    write(this.message, trouble || done.map((order) => outcome(order, state)).join("; ") || "no orders in this game yet");
    this.message.dataset.is = trouble || done.some(({ reason }) => reason) ? "rejected" : "done";
    const why = this.closedFor || this.amountTrouble;
    write(this.closed, why);
    for (const node of [this.buy, this.sidebet]) {
      node.setAttribute("aria-disabled", String(Boolean(why)));
      node.title = why || (node === this.buy ? BUY : SIDEBET);
    }
  }
}

/** @param {LedgerRow} row */
function ledgerCells([game, tick, what, price, units, change, cash, profit]) {
  const at = [number(tick), WHAT[what] ?? what, multiple(price, 6, "")];
  return [idCell(game), ...at, units ? sol(units) : NONE, sol(change, "+"), sol(cash), sol(profit, "+")];
}

/** @param {Order} order */
function orderWords({ what, size, n }) {
  const amount = what === "sell" ? `${size === null ? "?" : Math.round(size * 100)} %` : `${size === null ? "?" : sol(size)} SOL`;
  return `${n > 1 ? `${n} × ` : ""}${what === "sidebet" ? "side bet" : what} ${amount}`;
}

/** @param {Order} order @param {OpenAccount} limits */
function outcome(order, { least, most }) {
  const { what, status, reason, tick, price } = order;
  if (status === "filled")
    return `${orderWords(order)}: filled at tick ${tick}${what === "sidebet" ? "" : `, ${multiple(price)}`}`;
  const limits = /** @type {Record<string, number>} */ ({ "below the minimum": least, "above the maximum": most });
  const limit = what === "sell" ? undefined : limits[reason ?? ""];
  return `${orderWords(order)}: ${reason}${limit === undefined ? "" : ` of ${limit} SOL`}`;
}
