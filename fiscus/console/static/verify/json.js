/*
 * JSON that means one thing only: member names once, whole numbers exact, no half characters.
 * `JSON.parse` takes the last of two members with one name and rounds large numbers.
 *
 * Exported:
 *   readJson(text) -> value; throws VerifyError
 *       objects have no prototype; whole numbers are numbers, above 2**53 BigInt;
 *       all other numbers are JsonNumber {text}
 *   readObject(bytes, most) -> members of an object in UTF-8; throws VerifyError
 *   JsonNumber
 *   isObject(value), part(members, name) -> the object that a member is, else an empty one
 */

import { VerifyError, text as decoded } from "./bytes.js";

const DEPTH_MAX = 500;
const DIGITS_MAX = 4300;
export const BODY_BYTES_MAX = 16 * 1024 * 1024;

export class JsonNumber {
  constructor(text) {
    this.text = text;
  }
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/y;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const HALF = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const ESCAPES = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const WORDS = { true: true, false: false, null: null };

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
    this.depth = 0;
  }

  fail(what) {
    throw new VerifyError("json-form", `The text is not JSON that means one thing: ${what}.`, { what });
  }

  space() {
    while (" \n\r\t".includes(this.text[this.at] || "x")) this.at += 1;
    return this.text[this.at];
  }

  whole() {
    const value = this.value();
    if (this.space() !== undefined) this.fail("text follows");
    return value;
  }

  value() {
    const first = this.space();
    if (first === "{") return this.nested(() => this.object());
    if (first === "[") return this.nested(() => this.list());
    if (first === '"') return this.string();
    for (const word in WORDS) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return WORDS[word];
      }
    }
    return this.number();
  }

  nested(read) {
    this.depth += 1;
    if (this.depth > DEPTH_MAX) this.fail("nested too deeply");
    this.at += 1;
    const value = read();
    this.depth -= 1;
    return value;
  }

  object() {
    const members = Object.create(null);
    if (this.space() === "}") return this.end(members);
    for (;;) {
      if (this.space() !== '"') this.fail("a member without name");
      const name = this.string();
      if (name in members) this.fail("a member name occurs twice");
      if (this.space() !== ":") this.fail("a member without value");
      this.at += 1;
      members[name] = this.value();
      const next = this.space();
      if (next === "}") return this.end(members);
      if (next !== ",") this.fail("an object without end");
      this.at += 1;
    }
  }

  list() {
    const values = [];
    if (this.space() === "]") return this.end(values);
    for (;;) {
      values.push(this.value());
      const next = this.space();
      if (next === "]") return this.end(values);
      if (next !== ",") this.fail("a list without end");
      this.at += 1;
    }
  }

  end(value) {
    this.at += 1;
    return value;
  }

  string() {
    let value = "";
    this.at += 1;
    for (;;) {
      PLAIN.lastIndex = this.at;
      value += PLAIN.exec(this.text)[0];
      this.at = PLAIN.lastIndex;
      const sign = this.text[this.at];
      this.at += 1;
      if (sign === '"') break;
      if (sign !== "\\") this.fail("a text without end");
      value += this.escape();
    }
    if (HALF.test(value)) this.fail("half a character");
    return value;
  }

  escape() {
    const sign = this.text[this.at];
    this.at += 1;
    if (Object.hasOwn(ESCAPES, sign)) return ESCAPES[sign];
    const digits = this.text.slice(this.at, this.at + 4);
    if (sign !== "u" || !/^[0-9a-fA-F]{4}$/.test(digits)) this.fail("an unknown escape");
    this.at += 4;
    return String.fromCharCode(parseInt(digits, 16));
  }

  number() {
    NUMBER.lastIndex = this.at;
    const match = NUMBER.exec(this.text);
    if (!match) this.fail("neither text nor number");
    this.at = NUMBER.lastIndex;
    if (match[0].length > DIGITS_MAX) this.fail("a number without sense");
    if (match[1] !== undefined || match[2] !== undefined) return new JsonNumber(match[0]);
    const number = Number(match[0]);
    return Number.isSafeInteger(number) ? number : BigInt(match[0]);
  }
}

export function readJson(text) {
  return new Reader(text).whole();
}

export function readObject(bytes, most = BODY_BYTES_MAX) {
  if (bytes.length > most) {
    throw new VerifyError("json-form", "The text is too large.", { what: "too large" });
  }
  const value = readJson(decoded(bytes));
  if (!isObject(value)) {
    throw new VerifyError("json-form", "The text is not a JSON object.", { what: "not an object" });
  }
  return value;
}

export const isObject = (value) =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof JsonNumber);

const NOTHING = Object.freeze(Object.create(null));

export function part(members, name) {
  const value = isObject(members) ? members[name] : undefined;
  return isObject(value) ? value : NOTHING;
}
