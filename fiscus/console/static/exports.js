// Keeps the page of a file that is being made up to date: asks how far it is, and shows the page
// anew once it has ended. Without this script the link "Look again" does the same.

import { text } from "./texts.js";

const EVERY_MS = 2000;
const SLOWEST_MS = 30000;

const place = document.getElementById("progress");
const soFar = document.getElementById("so-far");

async function ask(wait) {
  let next = EVERY_MS;
  try {
    const answer = await fetch(place.dataset.address, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const { is_over: isOver, count } = await answer.json();
    if (isOver) {
      location.reload();
      return;
    }
    soFar.textContent = text("so-far", { count });
  } catch {
    soFar.textContent = text("lost");
    next = Math.min(wait * 2, SLOWEST_MS);
  }
  setTimeout(ask, next, next);
}

if (place) setTimeout(ask, EVERY_MS, EVERY_MS);
