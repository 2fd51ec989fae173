// Numbers, money and time as text. An unknown number is a dash.

export const NONE = "–";

/** @param {number | null | undefined} value @returns {value is null | undefined} */
function absent(value) {
  return !Number.isFinite(value);
}

// The sign of a value before its digits, for screen readers and colour-blind readers too; none for 0.
/** @param {number} value @param {string} digits @param {string} [plus] */
function withSign(value, digits, plus = "") {
  return /[1-9]/.test(digits) ? `${value < 0 ? "−" : plus}${digits}` : digits;
}

/** @param {number | null | undefined} value @param {number} [digits] @param {string} [unit] @param {string} [plus] */
export function number(value, digits = 0, unit = "", plus = "") {
  if (absent(value)) return NONE;
  const text = Math.abs(value).toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `${withSign(value, text, plus)}${unit}`;
}

/** @param {number} value @param {string} word for one of them */
export function count(value, word) {
  return `${number(value)} ${word}${value === 1 ? "" : "s"}`;
}

/** @param {number | null} value @param {number} [digits] significant ones @param {string} [unit] */
export function multiple(value, digits = 6, unit = "x") {
  return absent(value) ? NONE : `${Number(value.toPrecision(digits))}${unit}`;
}

// SOL to the last lamport (1e-9), with three digits after the point at least; `plus` before a gain.
/** @param {number | null | undefined} value @param {string} [plus] */
export function sol(value, plus) {
  if (absent(value)) return NONE;
  const digits = Math.abs(value).toFixed(9);
  return withSign(value, digits.replace(/(\.\d{3,}?)0+$/, "$1"), plus);
}

// A gain or a loss to four significant digits.
/** @param {number | null | undefined} value */
export function signedShort(value) {
  return absent(value) ? NONE : withSign(value, decimal(Number(Math.abs(value).toPrecision(4))), "+");
}

// A number of SOL as one types it.
/** @param {number} value not below 0 */
export function decimal(value) {
  return value.toFixed(9).replace(/\.?0+$/, "");
}

// The number that somebody typed; a comma is a decimal point, NaN is no number.
/** @param {string} text */
export function typed(text) {
  const written = text.trim().replace(",", ".");
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(written) ? Number(written) : NaN;
}

// The value of a metric, whatever its type.
/** @param {unknown} value */
export function plain(value) {
  if (typeof value === "number") return number(value, 2).replace(/\.?0+$/, "");
  return value === null || value === undefined ? NONE : String(value);
}

/** @param {string} id of a game */
export function shortId(id) {
  return id.length > 6 ? `…${id.slice(-6)}` : id;
}

// How long something has lasted, or will.
/** @param {number} seconds @param {number} [digits] of less than a minute */
export function duration(seconds, digits = 1) {
  if (seconds < 59.95) return `${Math.max(seconds, 0).toFixed(digits)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

// How long a computation took.
/** @param {number} seconds */
export function took(seconds) {
  return seconds < 0.0995 ? `${Math.max(1, Math.round(seconds * 1000))} ms` : duration(seconds);
}
