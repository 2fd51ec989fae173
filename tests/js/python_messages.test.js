// What Python sent to a page, in the file RUGS_LAB_MESSAGES (tests/test_javascript.py): the store must know what the feed knows.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { FeedStore } from "../../rugs_lab/views/static/feed_store.js";

const file = process.env.RUGS_LAB_MESSAGES;
const cases = file ? JSON.parse(readFileSync(file, "utf8")) : [];
const number = (value) => value ?? NaN; // JSON has no NaN

function buffers(texts) {
  return texts.map((text) => {
    const bytes = Buffer.from(text, "base64");
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  });
}

test("messages of Python", {
  skip: file ? false : "RUGS_LAB_MESSAGES names no file: see tests/test_javascript.py",
}, async (t) => {
  for (const { name, messages, expected, lost = 0 } of cases)
    await t.test(name, () => {
      const sent = [];
      const store = new FeedStore((content) => sent.push(content));
      for (const [message, texts] of messages) store.receive(message, buffers(texts));
      assert.equal(sent.length, lost);
      const start = store.ring.start;
      for (const [column, values] of Object.entries(expected.columns))
        assert.deepEqual(store.ring.slice(column, start), values.map(number), column);
      const codes = store.ring.slice("game", start);
      assert.deepEqual(
        codes.map((code) => store.ids.get(code)),
        expected.games,
      );
      for (const part of ["phase", "kind"])
        assert.deepEqual(
          store.ring.slice(part, start).map((code) => store.setup[`${part}s`][code]),
          expected[part],
          part,
        );
      assert.equal(store.gameId, expected.game);
      assert.deepEqual(store.path.price, expected.path.map(number));
      assert.deepEqual(store.path.backfilled.map(Boolean), expected.backfilled);
      assert.equal(store.path.rug, expected.rug_tick);
      assert.deepEqual(store.ghost?.price ?? null, expected.ghost?.map(number) ?? null);
      assert.equal(store.status.state, expected.state);
      assert.equal(store.passed, expected.passed);
    });
});
