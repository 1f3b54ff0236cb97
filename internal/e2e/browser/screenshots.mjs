// Takes the pictures in docs/images of a page before and during a hijack:
//
//   node screenshots.mjs URL DIRECTORY
import { launch, looks, open } from "./browser.mjs";

const [url, directory] = process.argv.slice(2);
const browser = await launch();
const pages = {};
for (const look of Object.keys(looks)) pages[look] = await open(browser, url, look);
for (const [when, state] of [["before", "ok"], ["hijack", "critical"]]) {
  for (const [look, { page }] of Object.entries(pages)) {
    await page.waitForSelector("#status .headline." + state, { timeout: 180_000 });
    if (look === "light") await page.waitForTimeout(when === "before" ? 20_000 : 12_000); // for lines to be drawn
    await page.screenshot({ path: `${directory}/status-${when}-${look}.png`, fullPage: true, scale: "css" });
  }
}
await browser.close();
