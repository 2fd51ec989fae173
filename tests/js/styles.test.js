// Stylesheets and modules agree: every class that is styled is used, and every class in use is styled or found by a browser test.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const here = (path) => new URL(`../../${path}/`, import.meta.url);
const read = (path, end) =>
  readdirSync(here(path))
    .filter((name) => name.endsWith(end))
    .map((name) => readFileSync(new URL(name, here(path)), "utf8"));

const styles = read("rugs_lab/views/static", ".css");
const modules = read("rugs_lab/views/static", ".js");
const classes = (texts, pattern) => new Set(texts.flatMap((text) => [...text.matchAll(pattern)].map(([, name]) => name)));
const styled = classes(styles, /\.(rl-[a-z0-9-]+)/g);
const used = classes(modules, /(?<!-)\b(rl-[a-z0-9-]*[a-z0-9])(?![a-z0-9-])/g);
const browser = read("tests/browser", ".py");
const tested = classes(browser, /\.(rl-[a-z0-9-]+)(?!\w*\{)/g);
for (const start of classes(browser, /\.(rl-[a-z-]*-?)\{/g))
  for (const word of classes(browser, /"([a-z-]+)"/g)) tested.add(start + word);
const starts = classes(modules, /(?<!-)\b(rl-[a-z-]+-)\$\{/g);
const words = new Set(modules.join("\n").match(/\w+/g));
const composed = (name) => [...starts].some((start) => name.startsWith(start) && words.has(name.slice(start.length)));

test("every class that is styled is used", () => {
  assert.deepEqual(
    [...styled].filter((name) => !used.has(name) && !composed(name)),
    [],
  );
});

test("every class in use is styled, or a browser test finds something by it", () => {
  assert.deepEqual(
    [...used].filter((name) => !styled.has(name) && !tested.has(name)),
    [],
  );
});

test("every colour of our own that is used is set", () => {
  const set = classes([...styles, ...modules], /(--rl-[a-z-]+)["`]?[:,]/g);
  for (const name of ["price", "ghost", "backfilled", "rug", "cut", "buy", "sell", "bet"]) set.add(`--rl-${name}`); // assets.py
  assert.deepEqual(
    [...classes(styles, /var\((--rl-[a-z-]+)/g)].filter((name) => !set.has(name)),
    [],
  );
});

test("stylesheets load nothing", () => {
  assert.deepEqual(
    styles.filter((text) => /@import|url\(/.test(text)),
    [],
  );
});
