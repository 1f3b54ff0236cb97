// Keeps the status page as it is now: the server sends a section's HTML when it
// has changed, and a beat every second when none has. Where neither comes the
// page says that it is old. Without this script the page reloads itself.
"use strict";

const silence = 4000; // ms without a word from the server: it beats every second
const again = 2000; // ms until a lost connection is tried anew
const sections = ["status", "alerts", "domains", "timing", "capture"];
const link = document.getElementById("link");

let source = null;
let heard = 0; // when the server was last heard, by performance.now()

// tell says once whether the page is live. Only a change is worth an announcement.
function tell(state, words) {
  document.documentElement.dataset.link = state;
  link.className = state;
  if (link.textContent !== words) link.textContent = words;
  const verdict = document.querySelector("#status .verdict strong");
  document.title = (state === "live" ? "" : "NOT LIVE, was ") + (verdict ? verdict.textContent : "") + " · ptpwatch";
}

function lost(why) {
  const at = document.querySelector("#status time");
  tell("lost", "NOT LIVE (" + why + "): this is how it was at " + (at ? at.textContent : "an unknown time") + ". Trying again.");
}

function live() {
  heard = performance.now();
  tell("live", "Live");
}

// patch makes an element like another, and touches nothing that is so already:
// what has the focus or stands open stays so.
function patch(old, now) {
  if (old.nodeType !== now.nodeType || old.nodeName !== now.nodeName) {
    old.replaceWith(now);
    return;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== now.nodeValue) old.nodeValue = now.nodeValue;
    return;
  }
  for (const { name, value } of now.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const { name } of [...old.attributes]) {
    if (!now.hasAttribute(name) && !(name === "open" && old.nodeName === "DETAILS")) old.removeAttribute(name);
  }
  patchChildren(old, now);
}

const keyOf = (node) => (node.dataset ? node.dataset.key : undefined);

// patchChildren goes through both lists at once; who has a key is found by it.
function patchChildren(old, now) {
  const keyed = new Map([...old.children].filter(keyOf).map((c) => [keyOf(c), c]));
  let place = old.firstChild;
  for (const wanted of [...now.childNodes]) {
    const key = keyOf(wanted);
    const match = key ? keyed.get(key) : place && !keyOf(place) ? place : null;
    if (!match) {
      old.insertBefore(wanted, place);
      continue;
    }
    if (match === place) place = place.nextSibling;
    else old.insertBefore(match, place);
    patch(match, wanted);
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

function connect() {
  if (source) source.close();
  source = new EventSource("events");
  for (const id of sections) {
    source.addEventListener(id, (event) => {
      const parsed = new DOMParser().parseFromString("<section>" + event.data + "</section>", "text/html");
      patchChildren(document.getElementById(id), parsed.body.firstChild);
      live();
    });
  }
  source.addEventListener("beat", live);
  source.onerror = () => lost("no connection");
}

function watch() {
  if (document.hidden) return;
  if (source && source.readyState === EventSource.CLOSED) connect();
  if (heard && performance.now() - heard > silence) lost("nothing heard");
}

// A page that nobody looks at does not hold a connection: browsers have six.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    source.close();
    lost("not looked at");
  } else {
    connect();
  }
});

connect();
setInterval(watch, again);
