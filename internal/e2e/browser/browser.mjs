// What the scripts here have in common: Debian's chromium, and pages that note
// what must not happen in them.
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axeFile = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

// The ways to look at the page.
export const looks = {
  light: { viewport: { width: 1100, height: 800 }, colorScheme: "light" },
  dark: { viewport: { width: 1100, height: 800 }, colorScheme: "dark" },
  phone: { viewport: { width: 360, height: 740 }, colorScheme: "light", deviceScaleFactor: 2, isMobile: true, hasTouch: true },
};

export function launch() {
  // No sandbox: it does not work for root, and the page is our own.
  return chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-lcd-text"] });
}

// open opens url as look says and notes in faults what is wrong with it: errors
// on the console, requests to others, navigations after the first.
export async function open(browser, url, look, options = {}) {
  const context = await browser.newContext({ ...looks[look], ...options });
  const page = await context.newPage();
  const faults = [];
  const note = (what) => faults.push(look + ": " + what);
  page.on("console", (m) => ["error", "warning"].includes(m.type()) && note("console: " + m.text()));
  page.on("pageerror", (e) => note("uncaught: " + e.message));
  page.on("request", (r) => new URL(r.url()).origin === new URL(url).origin || note("request to " + r.url()));
  let loads = 0;
  page.on("framenavigated", () => ++loads > 1 && note("loaded anew"));
  await page.goto(url, { waitUntil: "load" });
  return { page, faults, close: () => context.close() };
}

// axe are the rules of axe-core that the page breaks, serious and critical ones.
// It is run where page scripts cannot see it: the page's policy allows no other
// script than its own.
export async function axe(page) {
  const session = await page.context().newCDPSession(page);
  const { readFileSync } = await import("node:fs");
  const { frameTree } = await session.send("Page.getFrameTree");
  const { executionContextId } = await session.send("Page.createIsolatedWorld", { frameId: frameTree.frame.id });
  const run = async (expression) => {
    const answer = await session.send("Runtime.evaluate", {
      expression, contextId: executionContextId, awaitPromise: true, returnByValue: true,
    });
    if (answer.exceptionDetails) throw new Error("axe: " + answer.exceptionDetails.exception?.description);
    return answer.result.value;
  };
  await run(readFileSync(axeFile, "utf8") + ";0");
  const result = await run(`axe.run(document, {resultTypes: ["violations"]}).then((r) => ({
    passed: r.passes.length,
    findings: r.violations.map((v) => ({ rule: v.id, impact: v.impact, where: v.nodes.map((n) => n.target.join(" ") + ": " + n.failureSummary) })),
  }))`);
  await session.detach();
  return result;
}
