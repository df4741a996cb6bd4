/*
 * The QR code of a German receipt (V0;…): twelve fields, among them the signature of the TSE over a
 * log message that is built again here and verified, where the browser knows the curve.
 * Source: DSFinV-K 2.x Anhang I; BSI TR-03151; KassenSichV § 6.
 *
 * Exported:
 *   judgeGerman(text, report) -> Promise<void>    finds QR-DE-…, fills report.fields
 *   readGerman(text) -> {clientId, processType, processData, number, counter, started, finished,
 *                        algorithm, timeFormat, signature, publicKey} as texts; null if not twelve
 *   messageOf(fields, point, version) -> Promise<bytes>   what the TSE signed; version 2 or 3
 */

import {
  Unsupported,
  VerifyError,
  concat,
  fromBase64,
  sha256,
  toHex,
  utf8,
} from "./bytes.js";
import { INTEGER, OBJECT, OCTETS, SEQUENCE, integerBytes, objectBytes, readSpki, write } from "./der.js";
import { importKey, tseHash, verify } from "./keys.js";

const BEFORE = 3;
const AFTER = 8;
const LAW = "KassenSichV § 6, DSFinV-K Anhang I";

const TRANSACTION = "0.4.0.127.0.7.3.7.1.1";
const ARCS = { SHA224: 2, SHA256: 3, SHA384: 4, SHA512: 5, "SHA3-224": 8, "SHA3-256": 9, "SHA3-384": 10, "SHA3-512": 11 };
const SCHNORR_ARCS = Object.fromEntries(Object.keys(ARCS).map((name, at) => [name, at + 1]));
const OIDS = new Map([
  ...Object.entries(ARCS).map(([name, arc]) => [`ecdsa-plain-${name}`, `0.4.0.127.0.7.1.1.4.1.${arc}`]),
  ...Object.entries(SCHNORR_ARCS).map(([name, arc]) => [`ecsdsa-plain-${name}`, `0.4.0.127.0.7.1.1.4.4.${arc}`]),
]);

const AMOUNT = /^-?(0|[1-9][0-9]*)\.[0-9]{2}$/;
const COUNT = /^(0|[1-9][0-9]{0,18})$/;
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/;
const RECEIPTS = new Set([
  "Beleg", "AVRechnung", "AVTransfer", "AVBestellung", "AVTraining", "AVBelegstorno",
  "AVBelegabbruch", "AVSachbezug", "AVSonstige",
]);
const SLOTS = ["19", "7", "10.7", "5.5", "0"];

const FIELDS = [
  ["version", "version of the code"],
  ["client", "serial number of the register"],
  ["process-type", "type of the process"],
  ["process-data", "data of the process"],
  ["number", "number of the transaction"],
  ["counter", "signature counter"],
  ["started", "start of the transaction"],
  ["finished", "end of the transaction"],
  ["algorithm", "signature algorithm"],
  ["time-format", "format of the time in the signed message"],
  ["signature", "signature of the TSE"],
  ["public-key", "public key of the TSE"],
];

export function readGerman(text) {
  const parts = text.split(";");
  if (parts.length < BEFORE + 1 + AFTER || parts[0] !== "V0") return null;
  const [number, counter, started, finished, algorithm, timeFormat, signature, publicKey] =
    parts.slice(-AFTER);
  return {
    clientId: parts[1],
    processType: parts[2],
    processData: parts.slice(BEFORE, -AFTER).join(";"),
    number,
    counter,
    started,
    finished,
    algorithm,
    timeFormat,
    signature,
    publicKey,
  };
}

export async function judgeGerman(text, report) {
  const fault = (code, field, detail = "", severity = "error") => {
    report.find(code, { field }, detail, severity);
    report.findings.at(-1).law = LAW;
  };
  const said = readGerman(text);
  if (!said) {
    fault("QR-DE-01", "");
    return;
  }
  const values = ["V0", ...Object.values(said)];
  FIELDS.forEach(([name, label], at) =>
    report.fields.push({ name: String(at + 1), key: `qr-de-${name}`, label, value: values[at], meaning: null }),
  );
  judgeProcess(said, report, fault);
  judgeMoments(said, fault);
  report.check(
    "qr-de-checked",
    "The twelve fields: their form, the amounts against the payments, and the times.",
  );
  await judgeSignature(said, report, fault);
  report.miss(
    "qr-de-no-certificate",
    "Whether the key is that of a certified TSE: its certificates do not stand in the code.",
    {},
    { key: "need-qr-de", reason: "The TSE's export (TAR file) with its certificates." },
  );
}

function judgeProcess({ clientId, processType, processData }, report, fault) {
  if (!clientId) fault("QR-DE-02", "2");
  if (!["Kassenbeleg-V1", "Bestellung-V1", "SonstigerVorgang"].includes(processType)) {
    fault("QR-DE-03", "3", processType, "warning");
  }
  if (processType === "Kassenbeleg-V1") judgeReceipt(processData, report, fault);
  if (processType === "Bestellung-V1") judgeOrder(processData, report, fault);
}

function judgeReceipt(data, report, fault) {
  const [type, amounts, payments, ...others] = data.split("^");
  const slots = (amounts || "").split("_");
  const isWhole = payments !== undefined && !others.length && slots.length === SLOTS.length;
  if (!isWhole || !RECEIPTS.has(type) || !slots.every((one) => AMOUNT.test(one))) {
    fault("QR-DE-04", "4", data);
    return;
  }
  const paid = payments === "" ? [] : payments.split("_").map((one) => one.split(":"));
  const isPaid = (one) =>
    AMOUNT.test(one[0]) && /^(Bar|Unbar)$/.test(one[1] || "") && one.length < 4 &&
    /^([A-Z]{3})?$/.test(one[2] || "");
  if (!paid.every(isPaid)) {
    fault("QR-DE-04", "4", payments);
    return;
  }
  addAmounts(type, slots, paid, report);
  const total = slots.reduce((sum, one) => sum + cents(one), 0n);
  const isForeign = paid.some((one) => one[2] && one[2] !== "EUR");
  if (isForeign) {
    report.miss("qr-de-foreign", "Whether the payments make up the total: one is in another currency.");
    return;
  }
  const given = paid.reduce((sum, one) => sum + cents(one[0]), 0n);
  if (total !== given && (type === "Beleg" || paid.length)) {
    fault("QR-DE-05", "4", `${shown(total)}, ${shown(given)}`);
  }
}

function addAmounts(type, slots, paid, report) {
  const add = (name, label, value) =>
    report.fields.push({ name: "4", key: `qr-de-${name}`, label, value, meaning: null });
  add("receipt-type", "type of the receipt", type);
  slots.forEach((value, at) => {
    if (cents(value)) {
      const rate = SLOTS[at];
      const label = rate === "0" ? "gross without VAT" : `gross at ${rate} %`;
      add(rate === "0" ? "slot-0" : `slot-${rate}`, label, value);
    }
  });
  for (const [amount, kind, currency] of paid) {
    const value = `${amount} ${currency || "EUR"}`;
    if (kind === "Bar") add("paid-cash", "paid in cash", value);
    else add("paid-otherwise", "paid otherwise", value);
  }
}

const ORDER_LINE = /^-?[0-9]+(\.[0-9]+)?;"([^"]|"")*";-?[0-9]+(\.[0-9]{2})?$/;

function judgeOrder(data, report, fault) {
  const lines = data.split("\r");
  const wrong = lines.find((line) => !ORDER_LINE.test(line));
  if (wrong !== undefined) fault("QR-DE-04", "4", wrong);
}

const cents = (amount) => BigInt(amount.replace(".", ""));

function shown(amount) {
  const digits = String(amount < 0n ? -amount : amount).padStart(3, "0");
  return `${amount < 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

function judgeMoments({ number, counter, started, finished, timeFormat, algorithm }, fault) {
  if (!COUNT.test(number)) fault("QR-DE-06", "5", number);
  if (!COUNT.test(counter)) fault("QR-DE-06", "6", counter);
  const moments = [
    ["7", started],
    ["8", finished],
  ];
  for (const [field, at] of moments) if (!isMoment(at)) fault("QR-DE-07", field, at);
  if (isMoment(started) && isMoment(finished) && Date.parse(finished) < Date.parse(started)) {
    fault("QR-DE-08", "8", `${started}, ${finished}`);
  }
  if (!OIDS.has(algorithm)) fault("QR-DE-09", "9", algorithm);
  else if (algorithm.endsWith("224")) fault("QR-DE-13", "9", algorithm, "warning");
  if (!(timeFormat in TIMES)) fault("QR-DE-09", "10", timeFormat);
}

const isMoment = (at) => MOMENT.test(at) && !Number.isNaN(Date.parse(at));

const two = (number) => String(number).padStart(2, "0");

function digitsOf(at) {
  const date = new Date(Math.floor(Date.parse(at) / 1000) * 1000);
  const parts = [date.getUTCMonth() + 1, date.getUTCDate(), date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()];
  return String(date.getUTCFullYear()).padStart(4, "0") + parts.map(two).join("");
}

const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const TIMES = {
  unixTime: (at) => write(INTEGER, integerBytes(Math.floor(Date.parse(at) / 1000))),
  utcTime: (at) => write(UTC_TIME, utf8(`${digitsOf(at).slice(2)}Z`)),
  generalizedTime: (at) => write(GENERALIZED_TIME, utf8(`${digitsOf(at)}Z`)),
};

export async function messageOf(said, point, version) {
  const operation = version === 2 ? "FinishTransaction" : "finishTransaction";
  return concat(
    write(INTEGER, integerBytes(version)),
    write(OBJECT, objectBytes(TRANSACTION)),
    write(0x80, utf8(operation)),
    write(0x81, utf8(said.clientId)),
    write(0x82, utf8(said.processData)),
    write(0x83, utf8(said.processType)),
    write(0x85, integerBytes(BigInt(said.number))),
    write(OCTETS, await sha256(point)),
    write(SEQUENCE, write(OBJECT, objectBytes(OIDS.get(said.algorithm)))),
    write(INTEGER, integerBytes(BigInt(said.counter))),
    TIMES[said.timeFormat](said.finished),
  );
}

async function judgeSignature(said, report, fault) {
  const key = decodedField(said.publicKey, "12", "QR-DE-10", fault);
  const signature = decodedField(said.signature, "11", "QR-DE-11", fault);
  const isReadable =
    key && signature && COUNT.test(said.number) && COUNT.test(said.counter) &&
    isMoment(said.finished) && OIDS.has(said.algorithm) && said.timeFormat in TIMES;
  if (!isReadable) {
    report.miss("qr-de-unreadable", "The signature: a field that it covers cannot be read.");
    return;
  }
  try {
    const hash = tseHash(said.algorithm);
    const publicKey = await importKey(key[0] === 4 ? { point: key } : { spki: key });
    if (publicKey.kind !== "ec") throw new VerifyError("not-a-point", "The key is not one of a curve.");
    await judgeVersions(said, signature, hash, publicKey, report, fault);
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error;
    if (!(error instanceof Unsupported)) {
      fault("QR-DE-10", "12");
      return;
    }
    report.miss(error.key, error.reason, error.values, {
      key: "need-qr-de-check",
      reason: "A check by the server, or the command `fiscus check`.",
    });
  }
}

/** The text does not say in which version of the format the message was signed: both are tried. */
async function judgeVersions(said, signature, hash, publicKey, report, fault) {
  const point = readSpki(publicKey.spki).key;
  for (const version of [3, 2]) {
    const data = await messageOf(said, point, version);
    const { state } = await verify(publicKey, { data, signature, hash });
    if (state !== "good") continue;
    const serial = toHex(await sha256(point));
    report.facts = { serial, version, number: said.number, counter: said.counter };
    report.fields.push({
      name: "12",
      key: "qr-de-serial",
      label: "serial number of the TSE, the hash of its key",
      value: serial,
      meaning: null,
    });
    report.check(
      "qr-de-signed",
      "The signature: it is that of the key in the code, over the message that these fields make.",
    );
    return;
  }
  fault("QR-DE-12", "11");
}

function decodedField(encoded, field, code, fault) {
  try {
    const bytes = fromBase64(encoded);
    if (bytes.length) return bytes;
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error;
  }
  fault(code, field);
  return null;
}
