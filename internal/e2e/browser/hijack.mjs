// Looks at the status page of URL before, during and after a hijack by ROGUE, and
// says on standard output, a JSON object a line, what it saw:
//
//   node hijack.mjs URL ROGUE [DIRECTORY]
//
// Who runs it brings the rogue when it has said "healthy", and stops the agent
// when it has said "hijack". Pictures go to the directory.
import { axe, launch, looks, open } from "./browser.mjs";

const [url, rogue, directory] = process.argv.slice(2);
const bound = 60_000; // ms for anything that is waited for
const say = (event, what) => console.log(JSON.stringify({ event, ...what }));

const browser = await launch();
const pages = {};
for (const look of Object.keys(looks)) pages[look] = await open(browser, url, look);
const faults = () => Object.values(pages).flatMap((p) => p.faults);

// look is what all pages are like now.
async function look(when) {
  const seen = {};
  for (const [name, { page }] of Object.entries(pages)) {
    const { passed, findings } = await axe(page);
    seen[name] = {
      passed, findings,
      wide: await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
      link: await page.textContent("#link"),
    };
    if (directory) await page.screenshot({ path: `${directory}/${when}-${name}.png`, fullPage: true });
  }
  return seen;
}

// reached are what the Tab key leads to on a page where nothing had the focus
// yet, in its order, and whether one sees it.
async function reached(page) {
  const stops = [];
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      const e = document.activeElement;
      if (e === document.body) return null;
      const outline = getComputedStyle(e);
      const name = e.getAttribute("aria-label") || e.textContent.trim();
      return { name, seen: outline.outlineStyle !== "none" && parseFloat(outline.outlineWidth) >= 2 };
    });
    if (!stop || stops.some((s) => s.name === stop.name)) break;
    stops.push(stop);
  }
  return stops;
}

// tree is the clock tree as indented lines.
const tree = (page) => page.evaluate(() => [...document.querySelectorAll("#domains .tree li")].map((li) => {
  let depth = 0;
  for (let e = li.parentElement.closest("li"); e; e = e.parentElement.closest("li")) depth++;
  return "  ".repeat(depth) + li.querySelector(".leaf").textContent.replace(/\s+/g, " ").trim();
}));

const light = pages.light.page;
await Promise.all(Object.values(pages).map(({ page }) => page.waitForSelector("#status .headline.ok", { timeout: bound })));
await light.waitForFunction(() => /boundary clock/.test(document.querySelector("#domains .tree ul")?.textContent)
  && document.querySelectorAll("#domains .tree ul ul li").length > 0, null, { timeout: bound });
await light.evaluate((id) => {
  const look = () => {
    const says = (selector) => document.querySelector(selector)?.textContent.includes(id);
    if (!window.shownAt && document.querySelector("#status .headline.critical") && says("#alerts .card.critical") && says("#domains")) {
      window.shownAt = Date.now();
    }
  };
  new MutationObserver(look).observe(document.getElementById("main"), { subtree: true, childList: true, characterData: true, attributes: true });
}, rogue);
say("healthy", { looks: await look("healthy"), tree: await tree(light), faults: faults() });

await light.waitForFunction(() => window.shownAt, null, { timeout: bound });
const shown = await light.evaluate(() => window.shownAt);
const summary = light.locator("#alerts .card.critical summary").first();
await summary.click(); // it must stay open, and keep the focus, through changes
await light.waitForTimeout(3000);
const kept = await summary.evaluate((e) => e.parentElement.open && document.activeElement === e);
const plain = await open(browser, url, "light", { javaScriptEnabled: false });
const bare = await plain.page.textContent("body");
await plain.close();
say("hijack", {
  shown, kept, bare, tree: await tree(light), title: await light.title(),
  looks: await look("hijack"), stops: await reached(pages.dark.page), faults: faults(),
});

// From here on lost connections are no fault.
const before = faults().length;
await Promise.all(Object.values(pages).map(({ page }) => page.waitForFunction(
  () => document.getElementById("link").textContent.startsWith("NOT LIVE"), null, { timeout: bound })));
const findings = (await axe(light)).findings;
if (directory) await light.screenshot({ path: `${directory}/lost.png` });
say("lost", {
  link: await light.textContent("#link"), title: await light.title(), findings,
  faults: faults().slice(before).filter((f) => !f.includes("ERR_CONNECTION_REFUSED") && !f.includes("ERR_INCOMPLETE_CHUNKED_ENCODING")),
});
await browser.close();
