import type { Browser, BrowserContext, Page, Request } from 'playwright-core';

/** For everything that is waited for; it comes within milliseconds, or with the next poll. */
export const patienceMs = 45_000;

export interface TabOptions {
  /** Default: an admin's. */
  key?: string;
  /** Another deployment. */
  url?: string;
  /** One more tab of this browser; default: a new one. */
  context?: BrowserContext;
  width?: number;
  scheme?: 'light' | 'dark';
}

/** A person who looks at the dashboard, in browsers of their own. What a tab complains about fails the test. */
export class Visitor {
  readonly #browser: Browser;
  readonly #url: string;
  readonly #key: string;
  readonly #contexts: BrowserContext[] = [];
  readonly #complaints: string[] = [];
  readonly #expected: RegExp[] = [];

  constructor(browser: Browser, url: string, key: string) {
    this.#browser = browser;
    this.#url = url;
    this.#key = key;
  }

  /** A new browser, with one tab that shows a page, signed in. */
  async open(path = '/', { key = this.#key, url = this.#url, context, ...look }: TabOptions = {}): Promise<Page> {
    const page = await this.tab(context ?? (await this.context(look)));
    await page.goto(`${url}/#key=${key}`);
    await goTo(page, path);
    return page;
  }

  /** A new browser: nobody is signed in. */
  async context({
    width = 1280,
    scheme = 'light',
  }: Pick<TabOptions, 'width' | 'scheme'> = {}): Promise<BrowserContext> {
    const context = await this.#browser.newContext({
      viewport: { width, height: 800 },
      colorScheme: scheme,
      reducedMotion: 'reduce',
      locale: 'en-US',
      timezoneId: 'UTC',
    });
    context.setDefaultTimeout(patienceMs);
    this.#contexts.push(context);
    return context;
  }

  /** One more tab of a browser. */
  async tab(context: BrowserContext): Promise<Page> {
    const page = await context.newPage();
    page.on('console', (message) => this.#complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => this.#complaints.push(error.stack ?? error.message));
    page.on('dialog', (dialog) => {
      this.#complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    return page;
  }

  /** Complaints that are what the test is about: that a request was refused is said on the console. */
  expectComplaints(...expected: RegExp[]): void {
    this.#expected.push(...expected);
  }

  /** Closes all tabs. Throws when one has complained. */
  async leave(): Promise<void> {
    for (const context of this.#contexts) await context.close();
    const complaints = this.#complaints.filter((text) => !this.#expected.some((expected) => expected.test(text)));
    if (complaints.length > 0) throw new Error(`The page complained:\n${complaints.join('\n')}`);
  }
}

/** How many requests of a tab are not answered yet. */
export function openRequests(page: Page): () => number {
  // Those that began before this are in it neither when they begin nor when they end.
  const open = new Set<Request>();
  page.on('request', (request) => {
    if (request.url().includes('/v1/')) open.add(request);
  });
  const ended = (request: Request) => open.delete(request);
  page.on('requestfinished', ended).on('requestfailed', ended);
  return () => open.size;
}

/** Shows a page of the dashboard in a tab that is signed in, and waits until it shows what it is about. */
export async function goTo(page: Page, path: string): Promise<void> {
  await page.locator('nav').waitFor();
  // As a link does: without loading the document again.
  await page.evaluate((hash) => (location.hash = hash), path);
  await page.waitForFunction((hash) => location.hash === `#${hash}` || location.hash === '', path);
  await shown(page);
}

/** Waits until nothing is loading any more, and what is drawn is drawn. */
export async function shown(page: Page): Promise<void> {
  await page.locator('h1').waitFor();
  await page.waitForFunction(() => !document.querySelector('.loading, .drawing-frame:empty'));
}
