/*
 * The little of DER that keys, signatures and certificates need, read within their own bounds.
 *
 * Exported:
 *   read(bytes) -> {tag, value, raw, rest}    the first element; one-byte tags, definite lengths
 *   elements(bytes) -> [{tag, value, raw}]    all elements, one after the other (at most 1,000)
 *   write(tag, value) -> bytes
 *   integerBytes(number | bigint) -> bytes    content of an INTEGER that is not negative
 *   objectName(bytes) -> "1.2.840.10045.2.1", objectBytes(dotted) -> content
 *   readSpki(bytes) -> {algorithm, parameters, key, der}
 *       SubjectPublicKeyInfo; algorithm dotted, parameters dotted or null, key = the bit string
 *   writeSpki(algorithm, parameters, key) -> bytes; parameters: dotted, "null" or null
 *   ecdsaToRaw(signature, size) -> r and s, size bytes each; ecdsaToDer(raw) -> bytes
 *   readCertificate(bytes) -> {spki, serial (hex), signed}
 *   certificateKey(bytes) -> SubjectPublicKeyInfo of an X.509 certificate
 *   pemToDer(text) -> {label, der}            the first block
 *
 * All throw VerifyError where the bytes are not that.
 */

import { VerifyError, concat, fromBase64, toHex, uint } from "./bytes.js";

export const INTEGER = 0x02;
export const BITS = 0x03;
export const OCTETS = 0x04;
export const NULL = 0x05;
export const OBJECT = 0x06;
export const SEQUENCE = 0x30;
const ELEMENTS_MAX = 1000;

const wrong = () => new VerifyError("not-der", "The bytes are not DER of the expected form.");

export function read(bytes) {
  if (bytes.length < 2 || (bytes[0] & 0x1f) === 0x1f) throw wrong();
  let length = bytes[1];
  let start = 2;
  if (length & 0x80) {
    const count = length & 0x7f;
    if (count < 1 || count > 4 || bytes.length < 2 + count) throw wrong();
    length = 0;
    for (; start < 2 + count; start += 1) length = length * 256 + bytes[start];
    const isShortest = length >= 128 && bytes[2] !== 0;
    if (!isShortest) throw wrong();
  }
  const end = start + length;
  if (end > bytes.length) throw wrong();
  return {
    tag: bytes[0],
    value: bytes.subarray(start, end),
    raw: bytes.subarray(0, end),
    rest: bytes.subarray(end),
  };
}

export function elements(bytes) {
  const found = [];
  for (let rest = bytes; rest.length; ) {
    const one = read(rest);
    found.push({ tag: one.tag, value: one.value, raw: one.raw });
    if (found.length > ELEMENTS_MAX) throw wrong();
    rest = one.rest;
  }
  return found;
}

function whole(bytes, tag) {
  const one = read(bytes);
  if (one.tag !== tag || one.rest.length) throw wrong();
  return one.value;
}

export function write(tag, value) {
  const size = value.length;
  if (size < 128) return concat(Uint8Array.of(tag, size), value);
  const count = size < 256 ? 1 : size < 65536 ? 2 : 3;
  return concat(Uint8Array.of(tag, 0x80 | count), uint(size, count), value);
}

/** The content of an INTEGER: no byte more than needed, and the highest bit clear. */
export function integerBytes(number) {
  const digits = BigInt(number).toString(16);
  const even = digits.length % 2 ? `0${digits}` : digits;
  const bytes = uint(BigInt(number), even.length / 2);
  return bytes[0] & 0x80 ? concat(Uint8Array.of(0), bytes) : bytes;
}

export function objectName(bytes) {
  if (!bytes.length || bytes.length > 64 || bytes[bytes.length - 1] & 0x80) throw wrong();
  const arcs = [];
  let arc = 0n;
  for (const byte of bytes) {
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    if (!(byte & 0x80)) {
      arcs.push(arc);
      arc = 0n;
    }
  }
  const first = arcs[0] < 80n ? arcs[0] / 40n : 2n;
  return [first, arcs[0] - first * 40n, ...arcs.slice(1)].join(".");
}

export function objectBytes(dotted) {
  const arcs = dotted.split(".").map(BigInt);
  return concat(...[arcs[0] * 40n + arcs[1], ...arcs.slice(2)].map(arcBytes));
}

function arcBytes(arc) {
  const bytes = [Number(arc & 127n)];
  for (let rest = arc >> 7n; rest; rest >>= 7n) bytes.unshift(Number(rest & 127n) | 0x80);
  return Uint8Array.from(bytes);
}

export function readSpki(bytes) {
  const [identifier, bits, ...others] = elements(whole(bytes, SEQUENCE));
  if (!bits || others.length || identifier.tag !== SEQUENCE || bits.tag !== BITS) throw wrong();
  const [algorithm, parameters] = elements(identifier.value);
  if (!algorithm || algorithm.tag !== OBJECT || bits.value[0] !== 0) throw wrong();
  const isNamed = parameters && parameters.tag === OBJECT;
  return {
    algorithm: objectName(algorithm.value),
    parameters: isNamed ? objectName(parameters.value) : null,
    key: bits.value.slice(1),
    der: bytes,
  };
}

export function writeSpki(algorithm, parameters, key) {
  const parts = [write(OBJECT, objectBytes(algorithm))];
  if (parameters === "null") parts.push(write(NULL, new Uint8Array()));
  else if (parameters) parts.push(write(OBJECT, objectBytes(parameters)));
  const bits = write(BITS, concat(Uint8Array.of(0), key));
  return write(SEQUENCE, concat(write(SEQUENCE, concat(...parts)), bits));
}

export function ecdsaToRaw(signature, size) {
  const numbers = elements(whole(signature, SEQUENCE));
  if (numbers.length !== 2 || numbers.some((one) => one.tag !== INTEGER)) throw wrong();
  return concat(...numbers.map((one) => fixed(one.value, size)));
}

function fixed(value, size) {
  if (!value.length || value[0] & 0x80) throw wrong();
  const digits = value[0] === 0 ? value.subarray(1) : value;
  if (digits.length > size) throw wrong();
  return concat(new Uint8Array(size - digits.length), digits);
}

export function ecdsaToDer(raw) {
  const half = raw.length / 2;
  if (!Number.isInteger(half) || !half) throw wrong();
  const numbers = [raw.subarray(0, half), raw.subarray(half)].map((one) =>
    write(INTEGER, integerBytes(BigInt(`0x${toHex(one)}`))),
  );
  return write(SEQUENCE, concat(...numbers));
}

export function readCertificate(bytes) {
  const [signed] = elements(whole(bytes, SEQUENCE));
  if (!signed || signed.tag !== SEQUENCE) throw wrong();
  const fields = elements(signed.value);
  const hasVersion = fields[0] && fields[0].tag === 0xa0;
  const [serial, , , , , spki] = hasVersion ? fields.slice(1) : fields;
  if (!spki || serial.tag !== INTEGER) throw wrong();
  readSpki(spki.raw);
  return { spki: spki.raw, serial: toHex(serial.value), signed: signed.raw };
}

export const certificateKey = (bytes) => readCertificate(bytes).spki;

export function pemToDer(text) {
  const block = /-----BEGIN ([A-Z0-9 ]{1,40})-----([\sA-Za-z0-9+/=]*)-----END \1-----/.exec(text);
  if (!block) throw new VerifyError("not-pem", "This is not a key or certificate in PEM.");
  return { label: block[1], der: fromBase64(block[2].replace(/\s/g, "")) };
}
