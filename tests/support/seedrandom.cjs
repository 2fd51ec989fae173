// What npm seedrandom gives for 10,000 games: `node seedrandom.cjs` prints one digest of their first numbers and one
// of all their prices. tests/game/test_against_node.py holds both, and runs this when node and seedrandom are there.
const crypto = require("node:crypto");
const seedrandom = require("seedrandom");

const GAMES = 10000;

function game(key) {
  const prng = seedrandom(key);
  let price = 1;
  let low = 1;
  const prices = [1];
  for (let tick = 0; tick < 5000; tick++) {
    if (prng() < 0.005) {
      prices.push(low * (1 - 0.98));
      break;
    }
    if (prng() < 0.00001 && price <= 100) price *= 10;
    else {
      let change;
      if (prng() < 0.125) {
        const size = 0.15 + prng() * (0.25 - 0.15);
        change = prng() > 0.5 ? size : -size;
      } else {
        const drift = -0.02 + prng() * (0.03 + 0.02);
        const volatility = 0.005 * Math.min(10, Math.sqrt(price));
        change = drift + volatility * (2 * prng() - 1);
      }
      price = price * (1 + change);
      if (price < 0) price = 0;
    }
    prices.push(price);
    if (price < low) low = price;
  }
  return prices;
}

const hex = (n, width) => n.toString(16).padStart(width, "0");
const numbers = crypto.createHash("sha256");
const prices = crypto.createHash("sha256");
for (let n = 0; n < GAMES; n++) {
  const seed = crypto.createHash("sha256").update(String(n)).digest("hex");
  const key = `${seed}-20260101-${hex(n, 16)}`;
  const prng = seedrandom(key);
  numbers.update(Buffer.from(new Float64Array([prng(), prng(), prng()]).buffer));
  prices.update(Buffer.from(new Float64Array(game(key)).buffer));
}
console.log(numbers.digest("hex"), prices.digest("hex"));
