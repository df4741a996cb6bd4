/*
 * The QR code of a Portuguese document: fields A to S, joined by `*`.
 * Source: Portaria n.º 195/2020; AT, Especificações técnicas, código QR, version 1.0.
 *
 * Exported:
 *   judgePortuguese(text, report)   finds QR-PT-…, fills report.fields
 *   isNif(text) -> nine digits of which the last is the check digit
 *
 * Only four characters of the signature stand in the text: it proves nothing, and this is said.
 */

const LAW = "Portaria n.º 195/2020";
const SPEC = "AT, Especificações técnicas: código QR";

const AMOUNT = /^-?(0|[1-9][0-9]*)\.[0-9]{2}$/;
const REGION = /^(0|PT|PT-AC|PT-MA|[A-Z]{2})$/;
const DOCUMENTS =
  "FT FS FR ND NC VD TV TD AA DA RP RE CS LD RA GR GT GA GC GD CM CC FC FO NE OU OR PF DC RC RG";
const TYPES = new Set(DOCUMENTS.split(" "));
const FINAL_CONSUMER = "999999990";

const block = (letter) => [
  [`${letter}1`, "region", 5, REGION],
  [`${letter}2`, "exempt", 16, AMOUNT],
  [`${letter}3`, "reduced", 16, AMOUNT],
  [`${letter}4`, "reduced-vat", 16, AMOUNT],
  [`${letter}5`, "intermediate", 16, AMOUNT],
  [`${letter}6`, "intermediate-vat", 16, AMOUNT],
  [`${letter}7`, "standard", 16, AMOUNT],
  [`${letter}8`, "standard-vat", 16, AMOUNT],
];

const LABELS = {
  issuer: "tax number of the issuer",
  buyer: "tax number of the customer",
  country: "country of the customer",
  type: "type of the document",
  status: "status of the document",
  day: "date of the document",
  number: "number of the document",
  atcud: "ATCUD, the unique code of the document",
  region: "fiscal region",
  exempt: "base exempt from VAT",
  reduced: "base at the reduced rate",
  "reduced-vat": "VAT at the reduced rate",
  intermediate: "base at the intermediate rate",
  "intermediate-vat": "VAT at the intermediate rate",
  standard: "base at the normal rate",
  "standard-vat": "VAT at the normal rate",
  "not-subject": "not subject to VAT",
  "stamp-duty": "stamp duty",
  tax: "VAT and stamp duty together",
  gross: "total of the document",
  withheld: "tax withheld",
  excerpt: "four characters of the signature",
  certificate: "number of the program's certificate",
  free: "free words of the issuer",
};

/** Code, name, characters at most, form, in the order of the specification. */
const FIELDS = [
  ["A", "issuer", 9, /^[0-9]{9}$/],
  ["B", "buyer", 30, /^.+$/],
  ["C", "country", 12, /^([A-Z]{2}|Desconhecido)$/],
  ["D", "type", 2, /^[A-Z]{2}$/],
  ["E", "status", 1, /^[NSARFT]$/],
  ["F", "day", 8, /^[0-9]{8}$/],
  ["G", "number", 60, /^[^ ]+ [^/^ ]+\/[0-9]+$/],
  ["H", "atcud", 70, /^(0|[0-9A-Z]{8,}-[0-9]+)$/],
  ...block("I"),
  ...block("J"),
  ...block("K"),
  ["L", "not-subject", 16, AMOUNT],
  ["M", "stamp-duty", 16, AMOUNT],
  ["N", "tax", 16, AMOUNT],
  ["O", "gross", 16, AMOUNT],
  ["P", "withheld", 16, AMOUNT],
  ["Q", "excerpt", 4, /^(0|[A-Za-z0-9+/]{4})$/],
  ["R", "certificate", 4, /^[0-9]{1,4}$/],
  ["S", "free", 65, /^.*$/],
];
const CODES = FIELDS.map(([code]) => code);
const REQUIRED = ["A", "B", "C", "D", "E", "F", "G", "H", "I1", "N", "O", "Q", "R"];

const RATES = {
  PT: { reduced: ["6"], intermediate: ["13"], standard: ["23"] },
  "PT-AC": { reduced: ["4"], intermediate: ["9"], standard: ["16", "18"] },
  "PT-MA": { reduced: ["4", "5"], intermediate: ["12"], standard: ["22"] },
};
const CENT_PER_LINE = 100; // each line of a document is rounded by itself: so many cents may differ

export function isNif(text) {
  if (!/^[1-9][0-9]{8}$/.test(text)) return false;
  const digits = Array.from(text, Number);
  const rest = digits.slice(0, 8).reduce((sum, digit, at) => sum + digit * (9 - at), 0) % 11;
  return digits[8] === (rest < 2 ? 0 : 11 - rest);
}

const cents = (amount) => BigInt(amount.replace(".", ""));

export function judgePortuguese(text, report) {
  const fault = (code, field, detail = "", severity = "error") => {
    report.find(code, { field }, detail, severity);
    Object.assign(report.findings.at(-1) || {}, { law: code === "QR-PT-09" ? LAW : SPEC });
  };
  const said = readFields(text, report, fault);
  judgePresence(said, fault);
  judgeForms(said, fault);
  judgeNumbers(said, fault);
  judgeSums(said, fault);
  judgeRates(said, fault);
  tell(said, report);
}

/** By code, as far as each is there once and known. */
function readFields(text, report, fault) {
  const said = new Map();
  let last = -1;
  for (const one of text.split("*")) {
    const end = one.indexOf(":");
    const code = one.slice(0, Math.max(end, 0));
    const value = one.slice(end + 1);
    const at = CODES.indexOf(code);
    const [, name = "unknown"] = FIELDS[at] || [];
    report.fields.push({
      name: code,
      key: `qr-pt-${name}`,
      label: LABELS[name] || "not a known field",
      value,
      meaning: meaningOf(name, value),
    });
    if (end < 1) fault("QR-PT-01", "", one);
    else if (at < 0) fault("QR-PT-02", code);
    else if (said.has(code)) fault("QR-PT-03", code);
    else {
      if (at < last) fault("QR-PT-04", code);
      last = Math.max(at, last);
      said.set(code, value);
    }
  }
  return said;
}

function meaningOf(name, value) {
  if (name === "buyer" && value === FINAL_CONSUMER) {
    return { key: "qr-pt-final", reason: "A final consumer, who gave no number.", values: {} };
  }
  if (name === "status" && value === "A") {
    return { key: "qr-pt-cancelled", reason: "The document is cancelled.", values: {} };
  }
  if (name === "certificate" && /^0+$/.test(value)) {
    return { key: "qr-pt-uncertified", reason: "The program is not certified.", values: {} };
  }
  return null;
}

function judgePresence(said, fault) {
  for (const code of REQUIRED) if (!said.has(code)) fault("QR-PT-05", code);
  for (const letter of ["J", "K"]) {
    const hasMore = CODES.some((code) => code[0] === letter && code !== `${letter}1` && said.has(code));
    if (hasMore && !said.has(`${letter}1`)) fault("QR-PT-05", `${letter}1`);
  }
}

function judgeForms(said, fault) {
  for (const [code, name, most, form] of FIELDS) {
    if (!said.has(code)) continue;
    const value = said.get(code);
    if (value.length > most) fault("QR-PT-06", code, `${value.length} > ${most}`);
    // A document without any rate writes a bare zero as its region, and nothing else in the block.
    const isFit = form.test(value) && (name !== "type" || TYPES.has(value));
    if (!isFit) fault("QR-PT-07", code, value);
    else if (name === "day" && !isDay(value)) fault("QR-PT-07", code, value);
  }
}

function isDay(digits) {
  const [year, month, day] = [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6)].map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  return year > 1999 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function judgeNumbers(said, fault) {
  const issuer = said.get("A") || "";
  const buyer = said.get("B") || "";
  if (/^[0-9]{9}$/.test(issuer) && !isNif(issuer)) fault("QR-PT-08", "A", issuer);
  const isPortuguese = said.get("C") === "PT" && /^[0-9]{9}$/.test(buyer);
  if (isPortuguese && !isNif(buyer)) fault("QR-PT-08", "B", buyer, "warning");
  const [, number] = (said.get("G") || "").split("/");
  const atcud = said.get("H") || "";
  if (atcud === "0") {
    if ((said.get("F") || "") >= "20230101") fault("QR-PT-09", "H", atcud);
  } else if (number && atcud.includes("-")) {
    const last = atcud.slice(atcud.lastIndexOf("-") + 1);
    if (last.replace(/^0+/, "") !== number.replace(/^0+/, "")) {
      fault("QR-PT-10", "H", `${last}, ${number}`);
    }
  }
}

const BASES = [2, 3, 5, 7];
const TAXES = [4, 6, 8];
const inBlocks = (places) => ["I", "J", "K"].flatMap((letter) => places.map((n) => letter + n));

function judgeSums(said, fault) {
  const amount = (code) => {
    const value = said.get(code);
    return value !== undefined && AMOUNT.test(value) ? cents(value) : 0n;
  };
  const sum = (codes) => codes.reduce((total, code) => total + amount(code), 0n);
  const isReadable = (code) => AMOUNT.test(said.get(code) || "");
  const tax = sum(inBlocks(TAXES)) + amount("M");
  const gross = sum(inBlocks(BASES)) + amount("L") + amount("N");
  // Rates of another member state have no field of their own, only N and O contain them.
  if (isReadable("N") && amount("N") !== tax) {
    const severity = amount("N") > tax ? "warning" : "error";
    fault("QR-PT-11", "N", `${said.get("N")}, ${shown(tax)}`, severity);
  }
  if (isReadable("O") && amount("O") !== gross) {
    const severity = amount("O") > gross && amount("N") > tax ? "warning" : "error";
    fault("QR-PT-12", "O", `${said.get("O")}, ${shown(gross)}`, severity);
  }
}

function shown(amount) {
  const digits = String(amount < 0n ? -amount : amount).padStart(3, "0");
  return `${amount < 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** The VAT of each rate against its base, and whether both are there. */
function judgeRates(said, fault) {
  for (const letter of ["I", "J", "K"]) {
    const rates = RATES[said.get(`${letter}1`)];
    for (const [name, base, tax] of [["reduced", 3, 4], ["intermediate", 5, 6], ["standard", 7, 8]]) {
      const [net, vat] = [said.get(letter + base), said.get(letter + tax)];
      if ((net === undefined) !== (vat === undefined)) {
        fault("QR-PT-05", letter + (net === undefined ? base : tax));
      } else if (rates && AMOUNT.test(net || "") && AMOUNT.test(vat || "")) {
        const isNear = rates[name].some((rate) => isTaxOf(cents(net), cents(vat), BigInt(rate)));
        if (!isNear) fault("QR-PT-13", letter + tax, `${vat}, ${net} × ${rates[name].join(" / ")} %`, "warning");
      }
    }
  }
}

function isTaxOf(net, vat, rate) {
  const difference = vat * 100n - net * rate;
  const most = BigInt(CENT_PER_LINE) * 5n; // five cents, as many lines round
  return difference <= most && difference >= -most;
}

function tell(said, report) {
  const fields = report.fields.length;
  report.check(
    "qr-pt-checked",
    `${fields} fields: their order, presence, length and form; check digits; the ATCUD and the ` +
      "document's number; the sums, and the VAT of each rate.",
    { fields },
  );
  report.miss(
    "qr-pt-no-proof",
    "Whether the document was signed and exists: only four characters of its signature stand in " +
      "the code. This is not a proof.",
    {},
    {
      key: "need-qr-pt",
      reason:
        "The document in the issuer's SAF-T file with the public key of the program, or the " +
        "document as the tax authority shows it (e-Fatura).",
    },
  );
  report.facts = { issuer: said.get("A") || "", number: said.get("G") || "", gross: said.get("O") || "" };
}
