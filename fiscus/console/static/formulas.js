/*
 * Sums with exact fractions: what a total comes to, and whether that is what was sealed.
 *
 * Exported:
 *   computed({terms, rounding, decimals}) -> {choices: [text]}
 *       terms: [[amount, times, by]] as decimal texts, each amount × times ÷ by
 *       rounding: "exact" | "half_up" | "half_either" | "next" | "cut"
 *       choices: the lawful results, the usual one first; "" where an exact value does not end
 *   verdict(total) -> {isRight, result}; total.sealed: decimal text, or null for a value between
 *
 * The same rules as fiscus/model/explained.py; no floating point anywhere.
 */

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/** [numerator, denominator] of a decimal text. */
function fraction(decimal) {
  const [, sign, whole, rest = ""] = DECIMAL.exec(decimal);
  const digits = BigInt(whole + rest);
  return [sign ? -digits : digits, 10n ** BigInt(rest.length)];
}

function value(terms) {
  let [above, below] = [0n, 1n];
  for (const [amount, times, by] of terms) {
    const [a, b] = fraction(amount);
    const [c, d] = fraction(times);
    const [e, f] = fraction(by);
    const [n, m] = [a * c * f, b * d * e];
    [above, below] = [above * m + n * below, below * m];
  }
  return below < 0n ? [-above, -below] : [above, below];
}

const floor = (above, below) =>
  above >= 0n || above % below === 0n ? above / below : above / below - 1n;

function halfUp(above, below) {
  const size = above < 0n ? -above : above;
  const found = (size * 2n + below) / (below * 2n);
  return above < 0n ? -found : found;
}

/** The whole numbers of the last decimal that rounding may give. */
function rounded(rounding, above, below) {
  const low = floor(above, below);
  const isWhole = above % below === 0n;
  if (isWhole) return [low];
  if (rounding === "next") return [low, low + 1n];
  if (rounding === "cut") return [above < 0n ? low + 1n : low];
  const isHalf = (above - low * below) * 2n === below;
  if (rounding === "half_either" && isHalf) return [low + 1n, low];
  return [halfUp(above, below)];
}

function written(number, decimals) {
  const sign = number < 0n ? "-" : "";
  const digits = String(number < 0n ? -number : number).padStart(decimals + 1, "0");
  if (!decimals) return sign + digits;
  const text = `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  return text.replace(/\.?0+$/, "") || "0";
}

const EXACT_DECIMALS = 30;

export function computed({ terms, rounding, decimals }) {
  const [above, below] = value(terms);
  const places = rounding === "exact" ? EXACT_DECIMALS : decimals;
  const scaled = above * 10n ** BigInt(places);
  if (rounding === "exact" && scaled % below !== 0n) return { choices: [""] };
  return { choices: rounded(rounding, scaled, below).map((one) => written(one, places)) };
}

export function verdict(total) {
  const { choices } = computed(total);
  const sealed = total.sealed === null ? null : plain(total.sealed);
  const result = sealed !== null && choices.includes(sealed) ? sealed : choices[0];
  return { isRight: sealed === null || sealed === result, result };
}

/** A decimal text without zeros at its end. */
function plain(decimal) {
  const [above, below] = fraction(decimal);
  return written(above, String(below).length - 1);
}
