// Takes the pictures in docs/images of a page before and during a hijack:
//
//   node screenshots.mjs URL DIRECTORY
import { writeFileSync } from "node:fs";
import { launch, looks, open } from "./browser.mjs";

const [url, directory] = process.argv.slice(2);
// picture is the whole page as WebP, a fifth of what PNG takes.
async function picture(page) {
  const session = await page.context().newCDPSession(page);
  const { cssContentSize } = await session.send("Page.getLayoutMetrics");
  const { data } = await session.send("Page.captureScreenshot", {
    format: "webp", quality: 80, captureBeyondViewport: true, clip: { ...cssContentSize, scale: 1 },
  });
  await session.detach();
  return Buffer.from(data, "base64");
}

const browser = await launch();
const pages = {};
for (const look of Object.keys(looks)) pages[look] = await open(browser, url, look);
for (const [when, state] of [["before", "ok"], ["hijack", "critical"]]) {
  for (const [look, { page }] of Object.entries(pages)) {
    await page.waitForSelector("#status .headline." + state, { timeout: 180_000 });
    if (look === "light") await page.waitForTimeout(when === "before" ? 20_000 : 12_000); // for lines to be drawn
    writeFileSync(`${directory}/status-${when}-${look}.webp`, await picture(page));
  }
}
await browser.close();
