// The page of `wsimd echo` as a person uses it. Leaves screenshots in build/screenshots/.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import * as assert from "uvu/assert";
import { Program, packageRoot } from "../support/programs.ts";
import { type BrowserContext, browserSuite } from "./chromium.ts";

const test = browserSuite("browser / page of wsimd echo");

interface View {
  readonly width?: number;
  readonly colorScheme?: "light" | "dark";
}

/** Opens the page of an echo server of its own; fails if the page complains. */
async function withEchoPage(
  { browser }: BrowserContext,
  { width = 1000, colorScheme = "light" }: View,
  use: (page: Page, echo: Program) => Promise<void>,
): Promise<void> {
  const echo = Program.node(join(packageRoot, "dist/esm/bin/wsimd.js"), "echo", "--port", "0");
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  try {
    const [, url] = await echo.line(/wsimd echo: (\S+)\n/);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(url!);
    await page.getByRole("status").getByText("Connected").waitFor();
    await use(page, echo);
    assert.equal(complaints, [], "the console stays empty: nothing is refused by the Content-Security-Policy");
  } finally {
    await context.close();
    await echo.stop("SIGKILL");
  }
}

/** What the newest entries of the log say, newest first. */
const entries = async (page: Page): Promise<string[]> =>
  (await page.locator("#log li").all()).length === 0 ? [] : page.locator("#log li").allInnerTexts();

/** What an element says. */
const said = async (element: Locator): Promise<string> => (await element.textContent()) ?? "";

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

test("what is typed comes back, with its length and the time it took", async (context) => {
  await withEchoPage(context, {}, async (page) => {
    const text = "Grüße, 你好, שלום, 👋🏽";
    await page.getByLabel("Text").fill(text);
    await page.getByLabel("Text").press("Enter");
    await page.locator(".received").waitFor();
    const [received, sent] = await entries(page);
    assert.ok(sent!.startsWith("sent") && sent!.includes(text), sent);
    assert.match(
      received!,
      new RegExp(`^received\\s+text, ${Buffer.byteLength(text)} octets\\s+[\\d.]+ ms\\s+${text}$`),
    );
    assert.match(await said(page.locator("#totals")), /^1 sent, 1 received/);
  });
});

test("markup that is typed is shown as text", async (context) => {
  await withEchoPage(context, {}, async (page) => {
    await page.getByLabel("Text").fill("<img src=x onerror=alert(1)><b>bold</b>");
    await button(page, "Send text").click();
    await page.locator(".received").waitFor();
    assert.is(await page.locator("#log img, #log b").count(), 0);
  });
});

test("many messages at once come back, counted and timed", async (context) => {
  await withEchoPage(context, {}, async (page) => {
    await page.getByLabel("How many at once").fill("2500");
    await button(page, "Send many").click();
    await page.locator(".received").waitFor();
    const [received] = await entries(page);
    assert.match(received!, /2,500 messages, [\d,]+ a second/);
    assert.match(received!, / 2500$/);
  });
});

test("binary is sent and shown as hex; what is no hex is said, and not sent", async (context) => {
  await withEchoPage(context, {}, async (page) => {
    await page.getByLabel("Binary, in hex").fill("00 7F ff");
    await button(page, "Send binary").click();
    await page.locator(".received").waitFor();
    assert.match((await entries(page))[0]!, /binary, 3 octets[\s\S]*00 7f ff$/);
    await page.getByLabel("Binary, in hex").fill("0g");
    await button(page, "Send binary").click();
    assert.match(await said(page.getByRole("alert")), /pairs of hex digits/);
    assert.match(await said(page.locator("#totals")), /^1 sent/);
  });
});

test("closing shows the code; connecting again goes on", async (context) => {
  await withEchoPage(context, {}, async (page) => {
    await page.getByLabel("Close code").fill("2999");
    await button(page, "Close").click();
    assert.match(await said(page.getByRole("alert")), /1000, or 3000 to 4999/);
    await page.getByLabel("Close code").fill("3001");
    await page.getByLabel("Reason").fill("genug");
    await button(page, "Close").click();
    await page.getByRole("status").getByText("Closed, code 3001").waitFor();
    assert.ok(await button(page, "Send text").isDisabled());
    await button(page, "Connect").click();
    await page.getByRole("status").getByText("Connected").waitFor();
    await button(page, "Send text").click();
    await page.locator(".received").waitFor();
  });
});

test("a server that stops is shown as closed with 1001 (§7.4.1)", async (context) => {
  await withEchoPage(context, {}, async (page, echo) => {
    await echo.stop("SIGINT");
    await page.getByRole("status").getByText("Closed, code 1001").waitFor();
    assert.match((await entries(page))[0]!, /going away/);
  });
});

test("every field has a label, every button a name, and the log is announced", async (context) => {
  await withEchoPage(context, {}, async (page) => {
    const unlabelled = await page.evaluate(() =>
      [...document.querySelectorAll("input")].filter((input) => input.labels?.length !== 1).map(({ id }) => id),
    );
    assert.equal(unlabelled, []);
    const names = await page.locator("button").allInnerTexts();
    assert.equal(
      names.filter((name) => name.trim() === ""),
      [],
    );
    assert.is(await page.getByRole("log").count(), 1);
    assert.is(await page.getByRole("status").count(), 1);
    assert.is(await page.locator("html[lang]").count(), 1);
  });
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1000, 360]) {
    test(`in ${colorScheme}, ${width} pixels wide, nothing is cut off and text has contrast`, async (context) => {
      await withEchoPage(context, { width, colorScheme }, async (page) => {
        await button(page, "Send text").click();
        await button(page, "Send many").click();
        await button(page, "Send binary").click();
        await page.getByText("3 sent, ").or(page.getByText("1,002 sent, 1,002 received")).first().waitFor();
        const { overflow, poor } = await page.evaluate(() => {
          const luminance = (color: string): number => {
            const [r, g, b] = color.match(/[\d.]+/g)!.map((part) => {
              const value = Number(part) / 255;
              return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
            });
            return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
          };
          const groundOf = (element: Element | null): string => {
            for (let at = element; at !== null; at = at.parentElement) {
              const { backgroundColor } = getComputedStyle(at);
              if (!/^(transparent|rgba\(.*, 0\))$/.test(backgroundColor)) return backgroundColor;
            }
            return "rgb(255, 255, 255)";
          };
          const poor: string[] = [];
          for (const element of document.querySelectorAll(
            "h1, h2, p, label, input, button:enabled, li span, footer, code",
          )) {
            if (element.textContent === "" && element.tagName !== "INPUT") continue;
            const [light, dark] = [luminance(getComputedStyle(element).color), luminance(groundOf(element))].sort(
              (a, b) => b - a,
            );
            const contrast = (light! + 0.05) / (dark! + 0.05);
            if (contrast < 4.5) poor.push(`${element.tagName} ${element.textContent}: ${contrast.toFixed(1)}`);
          }
          return { overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth, poor };
        });
        assert.is(overflow, 0, "the page scrolls sideways");
        assert.equal(poor, [], "contrast below 4.5 (WCAG 1.4.3)");
        const folder = join(packageRoot, "build/screenshots");
        mkdirSync(folder, { recursive: true });
        await page.screenshot({ path: join(folder, `echo-${colorScheme}-${width}.png`), fullPage: true });
      });
    });
  }
}

test.run();
