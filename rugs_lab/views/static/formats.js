// Numbers, money and time as text.

export const NONE = "–";

/** @param {number | null | undefined} value @returns {value is null | undefined} */
function absent(value) {
  return value === null || value === undefined || Number.isNaN(value);
}

/** @param {number | null | undefined} value @param {number} [digits] @param {string} [unit] */
export function number(value, digits = 0, unit = "") {
  if (absent(value)) return NONE;
  return `${value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })}${unit}`;
}

/** @param {number} value @param {string} word for one of them */
export function count(value, word) {
  return `${number(value)} ${word}${value === 1 ? "" : "s"}`;
}

/** @param {number | null} value @param {number} [digits] significant ones */
export function multiple(value, digits = 6) {
  return absent(value) ? NONE : `${Number(value.toPrecision(digits))}x`;
}

// Text with the sign of a value before it, for screen readers and colour-blind readers too; none for 0.
/** @param {number} value @param {string} text */
function withSign(value, text) {
  return /[1-9]/.test(text) ? `${value < 0 ? "−" : "+"}${text}` : text;
}

// SOL to the last lamport (1e-9), with three digits at least.
/** @param {number | null | undefined} value */
export function sol(value) {
  if (absent(value)) return NONE;
  const text = Math.abs(value)
    .toFixed(9)
    .replace(/(\.\d{3,}?)0+$/, "$1");
  return value < 0 ? withSign(value, text) : text;
}

// A gain or a loss: SOL to the last lamport.
/** @param {number | null | undefined} value */
export function signedSol(value) {
  return absent(value) ? NONE : withSign(value, sol(Math.abs(value)));
}

// The same to four significant digits.
/** @param {number | null | undefined} value */
export function signedShort(value) {
  if (absent(value)) return NONE;
  return withSign(value, sol(Number(Math.abs(value).toPrecision(4))).replace(/\.?0+$/, ""));
}

/** @param {number | null | undefined} value @param {number} digits after the point */
export function signedNumber(value, digits) {
  return absent(value) ? NONE : withSign(value, number(Math.abs(value), digits));
}

/** @param {unknown} value */
export function plain(value) {
  if (typeof value !== "number") return value === null || value === undefined ? NONE : String(value);
  return value.toLocaleString("en-US", { maximumFractionDigits: 2 });
}

/** @param {string} id of a game */
export function shortId(id) {
  return id.length > 6 ? `…${id.slice(-6)}` : id;
}

// How long something has lasted.
/** @param {number} seconds */
export function duration(seconds) {
  if (seconds < 59.95) return `${Math.max(seconds, 0).toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

// How long a computation took.
/** @param {number} seconds */
export function took(seconds) {
  return seconds < 0.0995 ? `${Math.max(1, Math.round(seconds * 1000))} ms` : `${seconds.toFixed(1)} s`;
}

// The number that somebody typed; a comma is a decimal point, NaN is no number.
/** @param {string} text */
export function typed(text) {
  const written = text.trim().replace(",", ".");
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(written) ? Number(written) : NaN;
}
