// What the kernel and the page send each other, as JSON holds it. Money is SOL, prices are multipliers, time is in
// ticks unless stated otherwise; an unknown number is null. tests/test_javascript.py holds Python to this page.

export type Theme = "light" | "dark";
export type Phase = "UNKNOWN" | "COOLDOWN" | "PRESALE" | "ACTIVATION" | "ACTIVE" | "RUG" | "GENESIS";
export type FeedState = "connecting" | "live" | "stale" | "reconnecting" | "stopped";
/** A Bokeh figure as `bokeh.embed.json_item` makes it; SVG where a widget is shown as it was saved. */
export type Item = object | string;

/** Columns of the rows, in the order of the buffer; `received_ms` is UTC, milliseconds since 1970. */
export type Column =
  | "received_ms"
  | "game"
  | "kind"
  | "phase"
  | "tick"
  | "price"
  | "active"
  | "rugged"
  | "cooldown_ms"
  | "allow_pre_round_buys"
  | "trade_count"
  | "players";

type Drawn = "ground" | "text" | "muted" | "grid" | "price" | "ghost" | "backfilled" | "rug" | "cut" | "buy" | "sell" | "bet";
export type Colours = Record<Drawn, string> & { others: string[] };

/** How to read rows, what to draw them in, and which parts there are. */
export interface Setup {
  kind: "setup";
  bokeh: string;
  columns: Column[];
  kinds: string[];
  phases: Phase[];
  /** Rows that the page keeps. */
  maxlen: number;
  /** Of the price chart, CSS pixels. */
  height: number;
  parts: (keyof PartStates)[];
  colours: Record<Theme, Colours>;
  /** Empty where the chart is not shown. */
  figures: Partial<Record<Theme, { chart: Item }>>;
  /** What the reader chose to see. */
  shown: (keyof PartStates | "chart" | "gaps" | "games" | "controls" | "facts" | "health")[];
  /** id of the element with the picture below */
  picture: string;
}

/** What is new; its buffer holds float64: the rows column by column, then `path`, then `ghost`. */
export interface Update {
  /** A snapshot has all rows that there are, and everything else. */
  kind: "rows" | "snapshot";
  /** Number of the message, without holes. */
  seq: number;
  /** Number of its first row, and how many rows. */
  row: number;
  n: number;
  /** Game ids by the code that stands in the column `game`; only those not sent before. */
  ids?: Record<string, string>;
  /** Code of the running game, and where it rugged. */
  game?: number;
  rug_tick?: number | null;
  path?: PathHead;
  ghost?: PathHead;
  status?: Status;
  table?: FinishedGame[];
  /** The kernel's clock, milliseconds since 1970. */
  now_ms?: number;
  parts?: Partial<PartStates>;
  /** Numbers of the last answered ping, `live` and `record`. */
  pong?: number;
  done?: number;
  record_done?: number;
}

/** In the buffer: `n` prices, and `n` flags (1: back-filled). */
export interface PathHead {
  game: number;
  n: number;
  rug_tick: number | null;
}

export interface Status {
  state: FeedState;
  reason: string;
  since_ms: number | null;
  /** When the next connection is tried; null where none is waited for. */
  again_ms: number | null;
  live: boolean;
  phase: Phase;
  /** Null where the feed cannot be recorded. */
  record: Recording | null;
  metrics: Metric[];
}

/** Label with its unit, and value. */
export type Metric = [name: string, value: number | string | boolean | null];

export interface Recording {
  on: boolean;
  state: "off" | "recording" | "waiting" | "slow" | "failing" | "failed" | "ended";
  reason: string;
  lines: number;
  lost: number;
  folder: string;
  path: string | null;
}

export type FinishedGame = [
  id: string,
  peak: number | null,
  ticks: number,
  status: string,
  source: string,
  verified: boolean | null,
];

/** The state of each part of a view, by its name. */
export interface PartStates {
  alerts: { alerts: AlertRow[] };
  game_facts: GameFacts;
  leaderboard: { rows: LeaderboardRow[] };
  bots: { bots: Bot[]; games: BotsGame[]; more: number };
  trade_tape: { rows: TapeRow[]; trades: number; practice: number };
  commands: { done: number; trouble: string };
  other_trades: OtherTrades;
  own_lines: OwnLines;
  past_games: PastGames;
  ghosts: { count: number; choices: number[]; games: GamePath[] };
  game_list: GameList;
  strategies: { strategies: [place: string, name: string, parameters: string][] };
  strategy: StrategyState;
  strategy_marks: { game: string | null; marks: Mark[]; bets: BetWindow[] };
  trade: OpenAccount | { open: false; cash: number };
  replay_controls: ReplayState;
}

/** `met`: in how many games; `last`: what met it last, in words; empty: nothing yet. */
export type AlertRow = [number: number, words: string, met: number, last: string];

/** Rows of name, value and expectation; none while they are hidden. */
export interface GameFacts {
  game: string | null;
  facts: [name: string, value: string, expected: string][];
}

export type LeaderboardRow = [
  place: number | null,
  name: string | null,
  profit: number | null,
  profit_percent: number | null,
  units: number | null,
  average_cost: number | null,
  bet: boolean | null,
  practice: boolean | null,
];

export interface Bot {
  name: string;
  parameters: string;
  state: string;
  error: string;
  decisions: number;
  equity: number;
  realised: number;
  units: number;
  bet: boolean;
  games: number;
  /** Profit per game with its 95 % interval, and that of bots that act at random. */
  mean: number | null;
  low: number | null;
  high: number | null;
  random: number | null;
  steps: [game: string, tick: number, price: number, order: string, result: string][];
}

export interface BotsGame {
  game: string;
  rug: number | null;
  /** Profits of the best players, the best first. */
  people: number[];
  /** In the order of the bots; null where one was not there. `at_least`: the rank may be lower. */
  bots: ([profit: number, rank: number | null, at_least: boolean, random: number | null] | null)[];
}

export type TapeRow = [
  game: string,
  tick: number,
  kind: string,
  amount: number | null,
  price: number | null,
  name: string | null,
  practice: boolean | null,
  late_ticks: number | null,
];

export interface OtherTrades {
  game: string | null;
  ticks: number[];
  prices: (number | null)[];
  kinds: string[];
}

/** A game's whole path; null is a missing price. */
export interface GamePath {
  game: string;
  prices: (number | null)[];
  backfilled: boolean[];
  rug: number | null;
}

export interface PastGames {
  games: [id: string, peak: number | null, ticks: number][];
  shown: GamePath | null;
  compared: GamePath[];
}

/** Lines of the reader's own: values by tick, and what ended the line; empty: nothing. */
export interface OwnLines {
  game: string;
  lines: [name: string, values: (number | null)[], trouble: string][];
}

export type SortKey = "position" | "id" | "ticks" | "peak" | "status";
export type GameListRow = [position: number, id: string, ticks: number | null, peak: number | null, status: string | null];

export interface GameList {
  rows: GameListRow[];
  offset: number;
  /** Offset of the page with the game that is played. */
  here: number;
  total: number;
  size: number;
  by: SortKey;
  descending: boolean;
}

export type StrategyState =
  | { state: "none" }
  | {
      state: "running" | "paused" | "stopped" | "ended";
      strategy: string;
      parameters: string;
      error: string;
      decisions: number;
      mean_ms: number;
      figures: {
        start: number;
        equity: number;
        realised: number;
        units: number;
        bet: boolean;
        games: number;
        lines: number;
      };
    };

export interface Mark {
  what: "buy" | "sell" | "settled";
  label: string;
  tick: number;
  price: number | null;
  change: number;
  profit: number | null;
}

export interface BetWindow {
  start: number;
  end: number;
  stake: number;
  ended: string | null;
}

export interface OpenAccount {
  open: true;
  game: string | null;
  now: number;
  tradeable: boolean;
  start: number;
  cash: number;
  equity: number;
  realised: number;
  unrealised: number;
  units: number;
  average: number | null;
  value: number;
  bet: { stake: number; start: number; end: number } | null;
  least: number;
  most: number;
  pending: Order[];
  /** Prices at which all is sold: stop-loss, take-profit. */
  exits: [stop: number | null, take: number | null];
  /** The newest orders, the newest first. */
  orders: Order[];
  ledger: LedgerRow[];
  /** Lines of the whole ledger. */
  lines: number;
  marks: Mark[];
  bets: BetWindow[];
  rejection: string | null;
  /** Shares of the position that can be sold. */
  fractions: number[];
  /** Of the newest game that is over and was traded in. */
  result: [game: string, profit: number] | null;
  /** Ticks of a side bet. */
  window: number;
}

/** Orders that are alike, `n` of them. */
export interface Order {
  n: number;
  what: "buy" | "sell" | "sidebet" | "short" | "cover" | "hold";
  /** SOL; of a sell the share of the position. */
  size: number | null;
  due: number;
  status: string;
  reason: string | null;
  tick: number | null;
  price: number | null;
}

export type LedgerRow = [
  game: string,
  tick: number,
  what: string,
  price: number | null,
  units: number,
  change: number,
  cash: number,
  profit: number | null,
];

export interface ReplayState {
  playing: boolean;
  /** Null: as fast as it goes. */
  speed: number | null;
  tick: number;
  /** Null while it is hidden. */
  last: number | null;
  frontier: number;
  position: number;
  count: number;
  ended: boolean;
  autoplay: boolean;
  loop: boolean;
  shuffle: boolean;
}

/** What a page may ask a part to do, with its arguments. */
export interface Commands {
  "alerts.remove": { alert: number };
  "past_games.compare": { game: string; on: boolean };
  "past_games.show": { game: string | null };
  "ghosts.show": { count: number };
  "game_list.show": Record<string, never>;
  "game_list.sort": { by: SortKey; descending: boolean };
  "game_list.turn": { pages: number };
  "strategy.start": { place: string; strategy: string };
  "strategy.stop": Record<string, never>;
  "strategy.resume": Record<string, never>;
  "trade.buy": { size: number };
  "trade.cancel": Record<string, never>;
  "trade.exits": { stop: number | null; take: number | null };
  "trade.open": Record<string, never>;
  "trade.reset": Record<string, never>;
  "trade.sell": { fraction: number };
  "trade.sidebet": { size: number };
  "replay_controls.hold": { tick: number };
  "replay_controls.next": Record<string, never>;
  "replay_controls.previous": Record<string, never>;
  "replay_controls.seek": { tick: number };
  "replay_controls.select": { position: number };
  "replay_controls.set": { playing?: boolean; speed?: number | null; autoplay?: boolean; loop?: boolean; shuffle?: boolean };
}

/** What the page shows when a command is given: the newest tick (-1: presale) and its price. */
export interface Seen {
  game: string | null;
  tick: number;
  price: number | null;
}

/** From a live or replay page; `seq` of the newest message goes with each. */
export type PageMessage =
  | { kind: "hello" | "bye" | "bokeh" | "snapshot" | "stop" }
  | { kind: "ping"; id: number }
  | { kind: "live"; live: boolean; id: number }
  | { kind: "record"; on: boolean; id: number }
  | { kind: "do"; name: keyof Commands | LabCommand; args?: object; id: number; seen?: Seen }
  | { kind: "request"; id: number; params: Params; session: Params };

/** To a live or replay page; BokehJS itself is the buffer of `bokeh`. */
export type KernelMessage = Setup | Update | { kind: "failed"; reason: string } | { kind: "bokeh" };

// The strategy widget

export type LabCommand = "lab.replay" | "lab.live" | "lab.end";
export type Param = number | string | boolean | null;
export type Params = Record<string, Param>;

export interface LabSetup {
  kind: "setup";
  bokeh: string;
  strategy: string;
  about: string;
  games: number;
  picture: string;
  fields: ParameterField[];
  session: { name: string; label: string; why: string }[];
  figures: Record<Theme, Record<string, Item>>;
}

export interface ParameterField {
  name: string;
  kind: "float" | "int" | "bool" | "choice" | "text" | "fixed";
  value: Param;
  low: number;
  high: number;
  step: number;
  choices: string[];
}

export interface LabState {
  kind: "state";
  seq: number;
  pong: number | null;
  /** Number of the last `request` that it knows of. */
  taken: number;
  params: Params;
  session: Params;
  stage: string;
  working: boolean;
  done: number;
  total: number;
  engine: string;
  reason: string;
  seconds: number;
  error: string;
  notes: string[];
  trouble: string;
  commands: number;
  below: string;
}

/** A run; its buffer holds the numbers: `{"$": [start, length]}` stands where a column of them belongs. */
export interface LabResult {
  kind: "result";
  seq: number;
  stage: string;
  games: number;
  verdict: string;
  rows: [name: string, value: string, interval: string, n: string, baseline: string][];
  figures: Record<string, FigureState>;
}

/** Properties to set, by the name of a model in the figure. */
export type FigureState = Record<string, Record<string, unknown>>;

export type LabMessage = LabSetup | LabState | LabResult | { kind: "failed"; reason: string } | { kind: "bokeh" };

/** Settings of a replay. */
export type ReplaySettings = { playing: boolean; speed: number | null; autoplay: boolean; loop: boolean; shuffle: boolean };

/** A replay in a file: for each game its messages by tick, the first a snapshot; `floats` is the buffer in base64. */
export interface Tape {
  setup: Setup;
  games: (Pick<Update, "kind" | "n" | "row"> & { parts?: Partial<PartStates>; floats: string; pong?: number })[][];
}

/** The trait `content` of a figure that does not move. */
export interface StaticPicture {
  /** Record<Theme, { chart: Item }> as JSON, packed. */
  figures: string;
  bokeh: string;
  /** id of the element with the picture below */
  picture: string;
}
