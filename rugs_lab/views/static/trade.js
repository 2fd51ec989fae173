// The trading panel: what to spend, what to do, what is held, and the session's ledger. Paper money only.
import { NONE, button, make, number, signedSol, sol, write } from "./dom.js";

const STEPS = [0.001, 0.01, 0.1, 1];
const MONEY_FACTS = [
  ["cash", "cash"],
  ["position", "position"],
  ["average", "average cost"],
  ["unrealised", "unrealised"],
  ["realised", "realised"],
  ["equity", "equity"],
];
const LEDGER = ["game", "tick", "what", "price (x)", "units", "change (SOL)", "cash (SOL)", "profit (SOL)"];
const WHAT = { rug: "settled at the rug", sidebet: "side bet", void: "given back" };
const SURE_MS = 4000;
const BUY = "buy for this amount at the next tick";
const SIDEBET = "stake this amount on a rug within 40 ticks; pays 5x in total";
const RESTART = "forget this session's ledger and begin with the starting cash";

export class TradePart {
  constructor(store) {
    this.store = store;
    this.shown = null;
    this.sureUntil = 0;
    this.build();
  }

  build() {
    this.amount = make("input", "rl-amount");
    Object.assign(this.amount, { type: "text", inputMode: "decimal", autocomplete: "off", value: "0.01" });
    this.amount.setAttribute("aria-label", "amount in SOL");
    this.amount.addEventListener("input", () => this.show());
    const steps = [
      ...STEPS.map((step) => this.change(`+${step}`, `add ${step} SOL`, (value) => value + step)),
      this.change("½", "half of it", (value) => value / 2),
      this.change("×2", "twice as much", (value) => value * 2),
      this.change("max", "all the cash, as far as one order may go", () => this.most()),
    ];
    this.buy = button("rl-buy", BUY, () => this.order("buy"), "Buy");
    this.sidebet = button("rl-sidebet", SIDEBET, () => this.order("sidebet"), "Side bet");
    this.sells = make("span", "rl-sells");
    this.cancel = button("rl-cancel", "take back the orders that wait", () => this.ask("cancel"), "Cancel");
    this.pending = make("span", "");
    this.waiting = make("div", "rl-pending", this.pending, this.cancel);
    this.say = make("div", "rl-say");
    this.say.setAttribute("role", "status");
    this.closed = make("div", "rl-closed");
    this.closed.setAttribute("role", "status");
    this.bet = make("div", "rl-bet");
    this.betBar = make("i", "");
    this.betText = make("span", "");
    this.bet.append(make("span", "rl-bar", this.betBar), this.betText);
    this.facts = {};
    const facts = make("div", "rl-facts rl-money");
    for (const [key, label] of MONEY_FACTS) {
      this.facts[key] = make("div", "rl-value");
      facts.append(make("div", "rl-fact", make("div", "rl-label", label), this.facts[key]));
    }
    this.restart = button("rl-restart", RESTART, () => this.reset(), "New session");
    const amount = make("label", "rl-amount-box", this.amount, make("span", "", "SOL"));
    const row = make("div", "rl-order-row", amount, make("span", "rl-steps", ...steps));
    const doing = make("div", "rl-order-row", this.buy, this.sells, this.sidebet);
    const left = make("div", "rl-trade-left", row, doing, this.bet, this.waiting, this.say, this.closed, facts);
    this.body = make("div", "rl-trade-body", left, this.ledger());
    this.summaryText = make("span", "rl-trade-title", "paper trading");
    this.summaryMoney = make("span", "rl-trade-money", "");
    this.box = make("details", "rl-trade", make("summary", "", this.summaryText, this.summaryMoney), this.body);
    this.box.addEventListener("toggle", () => this.box.open && !this.state?.open && this.ask("open"));
  }

  ledger() {
    const head = make("tr", "", ...LEDGER.map((name) => Object.assign(make("th", "", name), { scope: "col" })));
    this.rows = make("tbody");
    this.ledgerTitle = make("span", "rl-title", "ledger");
    const table = make("table", "", make("thead", "", head), this.rows);
    return make("div", "rl-ledger rl-table", make("div", "rl-ledger-head", this.ledgerTitle, this.restart), make("div", "rl-scroll", table));
  }

  change(text, title, how) {
    return button("rl-step", title, () => {
      const value = how(this.size || 0);
      this.amount.value = String(Number(Math.min(Math.max(value, 0), 1e6).toFixed(9)));
      this.show();
    }, text);
  }

  get state() {
    return this.store.parts.trade;
  }

  most() {
    const { cash = 0, most = Infinity } = this.state ?? {};
    return Math.min(cash, most);
  }

  // What is written as the amount, SOL; a comma is a decimal point, NaN is no number.
  get size() {
    const text = this.amount.value.trim().replace(",", ".");
    return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
  }

  // Why no order can be taken now; empty where one can.
  get closedFor() {
    const { state } = this;
    if (!state?.open) return "";
    if (state.rejection) return `no orders now: ${state.rejection}`;
    return state.tradeable ? "" : "between games: orders are taken again in presale";
  }

  get amountTrouble() {
    const { size } = this;
    if (Number.isNaN(size)) return "the amount is no number";
    return size > 0 ? "" : "the amount must be above 0";
  }

  // The tick that is on the screen goes with the order, so that it fills after what was seen.
  order(what, fraction) {
    const { inPlay, path } = this.store;
    const seen_tick = inPlay ? path.price.length - 1 : -1;
    if (what === "sell") this.ask(what, { fraction, seen_tick });
    else if (!this.closedFor && !this.amountTrouble) this.ask(what, { size: this.size, seen_tick });
  }

  ask(name, args) {
    if (this.store.gone === null) this.store.do(`trade.${name}`, args);
  }

  reset() {
    const now = performance.now();
    if (now > this.sureUntil) {
      this.sureUntil = now + SURE_MS;
      write(this.restart, "forget ledger?");
      this.restart.title = this.losing;
      setTimeout(() => performance.now() >= this.sureUntil && this.unsure(), SURE_MS + 1);
      return;
    }
    this.unsure();
    this.ask("reset");
  }

  unsure() {
    this.sureUntil = 0;
    write(this.restart, "New session");
    this.restart.title = RESTART;
  }

  get losing() {
    const { lines = 0, start } = this.state ?? {};
    return `pressed again: the ledger (${lines} ${lines === 1 ? "line" : "lines"}), the orders and what is open are forgotten; cash is ${start === undefined ? "what it was at first" : `${sol(start)} SOL`} again`;
  }

  show() {
    const { state } = this;
    if (!state) return;
    this.showBet(state);
    this.showSaid(state);
    if (state === this.shown) return;
    const opened = state.open && !this.shown?.open;
    this.shown = state;
    if (opened) this.box.open = true;
    if (!state.open) {
      write(this.summaryMoney, `${sol(state.cash)} SOL of paper money; open to trade by hand`);
      return;
    }
    this.showSells(state);
    this.showFacts(state);
    this.showOrders(state);
    this.showLedger(state);
  }

  showSells({ fractions, units }) {
    if (!this.sells.childElementCount) {
      this.sells.append(make("span", "rl-sell-word", "Sell"));
      for (const fraction of fractions) {
        const percent = `${Math.round(fraction * 100)} %`;
        this.sells.append(button("rl-sell", `sell ${percent} of the position at the next tick`, () => this.order("sell", fraction), percent));
      }
    }
    this.sells.dataset.is = units ? "held" : "none";
  }

  showFacts(state) {
    const { facts } = this;
    write(facts.cash, `${sol(state.cash)} SOL`);
    write(facts.position, state.units ? `${sol(state.units)} units = ${sol(state.value)} SOL` : NONE);
    write(facts.average, state.average === null ? NONE : number(state.average, 4, "x"));
    write(facts.unrealised, state.units ? `${signedSol(state.unrealised)} SOL` : NONE);
    write(facts.realised, `${signedSol(state.realised)} SOL`);
    write(facts.equity, `${sol(state.equity)} SOL`);
    write(this.summaryMoney, `equity ${sol(state.equity)} SOL, realised ${signedSol(state.realised)} SOL`);
  }

  showBet(state) {
    const { bet } = state;
    this.bet.hidden = !state.open || !bet;
    if (this.bet.hidden) return;
    const left = Math.max(bet.end - Math.max(this.state.now, bet.start), 0);
    write(this.betText, `side bet ${sol(bet.stake)} SOL: ${left} ticks left, wins on a rug up to tick ${bet.end}`);
    this.betBar.style.width = `${(100 * left) / state.window}%`;
  }

  showOrders({ pending }) {
    this.waiting.hidden = !pending.length;
    const words = pending.map(({ what, size, due }) => `${said(what, size)} at tick ${due}`);
    write(this.pending, `waits: ${words.join("; ")}`);
  }

  // What became of the newest orders of this game, those given at one tick together; and whether more are taken.
  showSaid(state) {
    const { orders = [], game } = state;
    const [last] = orders;
    const together = last?.game === game ? orders.filter((order) => order.game === game && order.seen === last.seen) : [];
    const done = together.filter(({ status }) => status !== "pending").reverse();
    const trouble = this.store.parts.commands?.trouble;
    write(this.say, trouble || done.map((order) => outcome(order, state)).join("; "));
    this.say.dataset.is = trouble || done.some(({ reason }) => reason) ? "refused" : "done";
    const { closedFor } = this;
    const why = closedFor || this.amountTrouble;
    write(this.closed, state.open ? why : "");
    for (const [node, title] of [[this.buy, BUY], [this.sidebet, SIDEBET]]) {
      node.setAttribute("aria-disabled", String(Boolean(why)));
      node.title = why || title;
    }
  }

  showLedger({ ledger, lines }) {
    write(this.ledgerTitle, lines > ledger.length ? `ledger: the last ${ledger.length} of ${lines} lines` : `ledger: ${lines} ${lines === 1 ? "line" : "lines"}`);
    const rows = ledger.map(([game, tick, what, price, units, change, cash, profit]) => {
      const id = make("td", "rl-id", `…${game.slice(-6)}`);
      id.title = game;
      const cells = [
        number(tick, 0),
        WHAT[what] ?? what,
        price === null ? NONE : String(Number(price.toPrecision(6))),
        units ? sol(units) : NONE,
        signedSol(change),
        sol(cash),
        profit === null ? NONE : signedSol(profit),
      ];
      return make("tr", "", id, ...cells.map((text) => make("td", "", text)));
    });
    if (!rows.length) rows.push(make("tr", "", Object.assign(make("td", "rl-none", "nothing traded yet"), { colSpan: LEDGER.length })));
    this.rows.replaceChildren(...rows);
  }
}

function said(what, size) {
  if (what === "sell") return `sell ${Math.round(size * 100)} %`;
  return `${what === "sidebet" ? "side bet" : what} ${size === null ? "?" : sol(size)} SOL`;
}

function outcome({ what, size, status, reason, tick, price }, { least, most }) {
  if (status !== "filled") {
    const limit = what === "sell" ? undefined : { "below the minimum": least, "above the maximum": most }[reason];
    return `${said(what, size)}: ${reason}${limit === undefined ? "" : ` of ${limit} SOL`}`;
  }
  return `${said(what, size)}: filled at tick ${tick}${what === "sidebet" ? "" : `, ${Number(price.toPrecision(6))}x`}`;
}
