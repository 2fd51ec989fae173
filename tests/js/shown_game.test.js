import assert from "node:assert/strict";
import { test } from "node:test";
import { ShownGame } from "../../rugs_lab/views/static/shown_game.js";
import { Kernel, tick, ticks } from "./kernel.js";

const past = (game, ...prices) => ({
  past_games: { games: [], compared: [], shown: { game, prices, backfilled: prices.map(() => false), rug: null } },
});
const RUNNING = { past_games: { games: [], compared: [], shown: null } };

function running() {
  const kernel = new Kernel();
  kernel.snapshot(ticks(0, 1, 1.1), {
    path: [
      [1, 1.1],
      [0, 0],
    ],
    ghost: [[1, 0.02], [0, 0], 1, 9],
  });
  return { kernel, shown: new ShownGame(kernel.store) };
}

test("the running game is shown as it comes", () => {
  const { kernel, shown } = running();
  kernel.rows(ticks(2, 1.2));
  assert.deepEqual([shown.now.game, shown.now.path.price, shown.now.previous.game], ["game-a", [1, 1.1, 1.2], 9]);
});

test("a past game that was chosen is shown instead, without the previous one and without the end of data", () => {
  const { kernel, shown } = running();
  kernel.rows([tick(2, 1.2, { received_ms: 1 })], { parts: past("game-z", 1, null, 3), status: { state: "stale" } });
  assert.deepEqual(
    [shown.now.game, shown.now.path.price, shown.now.previous, shown.now.cut],
    ["game-z", [1, NaN, 3], null, false],
  );
  assert.equal(shown.now.path, shown.now.path); // made once
  kernel.parts(RUNNING);
  assert.deepEqual([shown.now.game, shown.now.cut], ["game-a", true]);
});

test("the same past game with other prices is another path", () => {
  const { kernel, shown } = running();
  kernel.parts(past("game-z", 1, null));
  const { version } = shown.now.path;
  kernel.parts(past("game-z", 1, 2));
  assert.notEqual(shown.now.path.version, version);
});

test("no earlier game is drawn where the reader wants none", () => {
  const { kernel, shown } = running();
  kernel.parts({ ghosts: { count: 0, choices: [0, 1], games: [] } });
  assert.equal(shown.now.previous, null);
});

test("held, it stands still whatever comes, and says how many ticks came since", () => {
  const { kernel, shown } = running();
  shown.hold();
  const { version } = shown.now.path;
  kernel.rows(ticks(2, 1.2, 1.3), { parts: { ghosts: { count: 3, choices: [], games: [] } } });
  kernel.rows([tick(0, 1, { game: 1 })], { game: 1, rug_tick: null, ids: { 1: "game-b" }, path: [[], [], null, 1] });
  shown.hold(); // again does nothing
  assert.deepEqual([shown.now.game, shown.now.path.price, shown.passed, shown.outdated], ["game-a", [1, 1.1], 3, false]);
  assert.deepEqual([shown.now.path.version, shown.now.parts.ghosts], [version, undefined]);
  shown.release();
  assert.deepEqual([shown.now.game, shown.now.path.price, shown.passed], ["game-b", [1], 0]);
});

test("a snapshot while it is held changes nothing of it, and counts no tick twice", () => {
  const { kernel, shown } = running();
  shown.hold();
  kernel.snapshot(ticks(0, 1, 1.1, 1.2), {
    path: [
      [1, 1.1, 1.2],
      [0, 0, 0],
    ],
  });
  assert.deepEqual([shown.now.game, shown.now.path.price, shown.passed, shown.now.previous.game], ["game-a", [1, 1.1], 1, 9]);
});

test("choosing another game while it is held outdates it", () => {
  const { kernel, shown } = running();
  shown.hold();
  kernel.parts(past("game-z", 1));
  assert.equal(shown.outdated, true);
  shown.release();
  shown.hold();
  kernel.parts(past("game-z", 1, 2)); // the same game
  assert.equal(shown.outdated, false);
});
