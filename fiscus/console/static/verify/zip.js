/*
 * Files in a ZIP, read piece by piece within hard limits: what is made to fill a memory is refused.
 * Source: PKWARE APPNOTE 6.3.x; stored and deflated members, without encryption and without ZIP64.
 *
 * Exported:
 *   LIMITS                              members, bytes and ratio that are read at most
 *   openZip(blob, limits) -> Promise<ZipFiles>
 *       ZipFiles = {names: [name], twice: [name], has(name), size(name), chunks(name), bytes(name, max)}
 *       chunks(name): async iterator of Uint8Array; its checksum and length are judged at the end
 *       bytes(name, max) -> Promise<bytes>
 *
 * All throw VerifyError with key "zip-…".
 */

import { VerifyError, text } from "./bytes.js";

export const LIMITS = {
  members: 20_000,
  directoryBytes: 16 * 1024 * 1024,
  memberBytes: 2 * 1024 * 1024 * 1024,
  totalBytes: 4 * 1024 * 1024 * 1024,
  ratio: 2_000, // deflate reaches about 1,000 to 1
};

const END_BYTES = 22;
const COMMENT_MAX = 65_535;
const END_MARK = 0x06054b50;
const ENTRY_MARK = 0x02014b50;
const LOCAL_MARK = 0x04034b50;
const STORED = 0;
const DEFLATED = 8;

const wrong = (key, reason, values) => new VerifyError(`zip-${key}`, reason, values);

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});

function updatedCrc(crc, bytes) {
  let rest = crc;
  for (let at = 0; at < bytes.length; at += 1) {
    rest = (rest >>> 8) ^ CRC_TABLE[(rest ^ bytes[at]) & 0xff];
  }
  return rest;
}

async function viewOf(blob, start, end) {
  return new DataView(await blob.slice(start, end).arrayBuffer());
}

async function endOf(blob) {
  const start = Math.max(0, blob.size - END_BYTES - COMMENT_MAX);
  const view = await viewOf(blob, start, blob.size);
  for (let at = view.byteLength - END_BYTES; at >= 0; at -= 1) {
    const isMark = view.getUint32(at, true) === END_MARK;
    if (isMark && at + END_BYTES + view.getUint16(at + 20, true) === view.byteLength) {
      return {
        members: view.getUint16(at + 10, true),
        size: view.getUint32(at + 12, true),
        offset: view.getUint32(at + 16, true),
      };
    }
  }
  throw wrong("form", "The file is not a ZIP, or its end is missing.");
}

export async function openZip(blob, limits = LIMITS) {
  const end = await endOf(blob);
  if (end.members === 0xffff || end.offset === 0xffffffff) {
    throw wrong("large", "The ZIP is of a form for very large files, which is not read here.");
  }
  if (end.members > limits.members) {
    throw wrong("members", `The ZIP holds more than ${limits.members} files.`, {
      most: limits.members,
    });
  }
  if (end.size > limits.directoryBytes || end.offset + end.size > blob.size) {
    throw wrong("form", "The file is not a ZIP, or its end is missing.");
  }
  const view = await viewOf(blob, end.offset, end.offset + end.size);
  const entries = readDirectory(view, end.members);
  const total = entries.reduce((sum, entry) => sum + entry.size, 0);
  if (total > limits.totalBytes) {
    throw wrong("bytes", "The files in the ZIP are too large together.");
  }
  return new ZipFiles(blob, entries, limits);
}

function readDirectory(view, members) {
  const entries = [];
  let at = 0;
  while (entries.length < members) {
    if (at + 46 > view.byteLength || view.getUint32(at, true) !== ENTRY_MARK) {
      throw wrong("form", "The list of files in the ZIP is damaged.");
    }
    const lengths = [28, 30, 32].map((place) => view.getUint16(at + place, true));
    const next = at + 46 + lengths.reduce((sum, one) => sum + one, 0);
    if (next > view.byteLength) throw wrong("form", "The list of files in the ZIP is damaged.");
    entries.push({
      flags: view.getUint16(at + 8, true),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
      name: nameOf(new Uint8Array(view.buffer, view.byteOffset + at + 46, lengths[0])),
    });
    at = next;
  }
  return entries;
}

function nameOf(bytes) {
  try {
    return text(bytes);
  } catch {
    return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  }
}

class ZipFiles {
  constructor(blob, entries, limits) {
    this.blob = blob;
    this.limits = limits;
    this.entries = new Map();
    this.twice = [];
    for (const entry of entries) {
      if (this.entries.has(entry.name)) this.twice.push(entry.name);
      this.entries.set(entry.name, entry);
    }
    this.names = [...this.entries.keys()];
  }

  has(name) {
    return this.entries.has(name);
  }

  size(name) {
    return this.entries.get(name).size;
  }

  async *chunks(name) {
    const entry = this.entries.get(name);
    if (!entry) throw wrong("missing", "The file is missing in the ZIP.");
    this.judgeSizes(entry);
    let size = 0;
    let crc = 0xffffffff;
    try {
      for await (const chunk of pieces(await this.packed(entry), entry.method)) {
        size += chunk.length;
        if (size > entry.size) break;
        crc = updatedCrc(crc, chunk);
        yield chunk;
      }
    } catch (error) {
      if (error instanceof TypeError) throw wrong("damaged", "The file in the ZIP is damaged.");
      throw error;
    }
    if (size !== entry.size || (crc ^ 0xffffffff) >>> 0 !== entry.crc) {
      throw wrong("damaged", "The file in the ZIP has another checksum or length.");
    }
  }

  judgeSizes(entry) {
    if (entry.flags & 1) throw wrong("encrypted", "The file in the ZIP is encrypted.");
    if (entry.method !== STORED && entry.method !== DEFLATED) {
      throw wrong("method", "The file in the ZIP is packed in a way that is not read here.");
    }
    const isTooMuch = entry.size > this.limits.ratio * (entry.packed + 1);
    if (isTooMuch || entry.size > this.limits.memberBytes) {
      throw wrong("bytes", "The file in the ZIP is too large for what it takes up.");
    }
  }

  async packed(entry) {
    const view = await viewOf(this.blob, entry.offset, entry.offset + 30);
    if (view.byteLength < 30 || view.getUint32(0, true) !== LOCAL_MARK) {
      throw wrong("damaged", "The file in the ZIP is damaged.");
    }
    const start = entry.offset + 30 + view.getUint16(26, true) + view.getUint16(28, true);
    if (start + entry.packed > this.blob.size) {
      throw wrong("damaged", "The file in the ZIP is damaged.");
    }
    return this.blob.slice(start, start + entry.packed);
  }

  async bytes(name, most) {
    const entry = this.entries.get(name);
    if (entry && entry.size > most) throw wrong("bytes", "The file in the ZIP is too large.");
    const parts = [];
    for await (const chunk of this.chunks(name)) parts.push(chunk);
    return new Uint8Array(await new Blob(parts).arrayBuffer());
  }
}

async function* pieces(blob, method) {
  const stream =
    method === DEFLATED
      ? blob.stream().pipeThrough(new DecompressionStream("deflate-raw"))
      : blob.stream();
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
