/*
 * The lines of a file in a ZIP, one after the other, however long the file is.
 *
 * Exported:
 *   linesOf(zip, name, most) -> async iterator of {bytes, read}
 *       bytes: a line without its end; read: bytes of the file up to its end
 *       a line above `most` bytes throws VerifyError
 */

import { VerifyError, concat } from "./bytes.js";

const END = 10;

export async function* linesOf(zip, name, most) {
  let parts = [];
  let waiting = 0;
  let read = 0;
  const check = (size) => {
    if (size > most) throw new VerifyError("line-long", "A line is too long.");
  };
  for await (const chunk of zip.chunks(name)) {
    let start = 0;
    for (let end = chunk.indexOf(END); end >= 0; end = chunk.indexOf(END, start)) {
      check(waiting + end - start);
      yield { bytes: concat(...parts, chunk.subarray(start, end)), read: read + end + 1 };
      start = end + 1;
      parts = [];
      waiting = 0;
    }
    waiting += chunk.length - start;
    check(waiting);
    parts.push(chunk.slice(start));
    read += chunk.length;
  }
  if (waiting) yield { bytes: concat(...parts), read };
}
