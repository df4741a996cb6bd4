/*
 * Judges a file away from the page, so that the page stays usable and can stop it at any time.
 *
 * Message in:  {blob, outside}            as judgePackage takes them
 * Messages out: {progress: [done, total]}, then {report} or {error: {key, reason, values}}
 * The page stops it with `worker.terminate()`.
 */

import { judgePackage } from "./package.js";

const EACH_MS = 100;

self.addEventListener("message", async ({ data }) => {
  let last = 0;
  const progress = (done, total) => {
    const now = Date.now();
    if (now - last < EACH_MS) return;
    last = now;
    self.postMessage({ progress: [done, total] });
  };
  try {
    self.postMessage({ report: await judgePackage(data.blob, data.outside, { progress }) });
  } catch (error) {
    const reason = `The file could not be judged: ${error.message}`;
    self.postMessage({ error: { key: "worker-failed", reason, values: { what: error.message } } });
  }
});
