import type { Browser, BrowserContext, Page, Request } from 'playwright-core';

/** The limit of every wait; most take milliseconds, or until the next poll. */
export const patienceMs = 45_000;

export interface TabOptions {
  /** Default: an admin's. */
  key?: string;
  /** Another deployment. */
  url?: string;
  /** Opens a tab in this browser. Default: a new browser. */
  context?: BrowserContext;
  width?: number;
  scheme?: 'light' | 'dark';
}

/** A user of the dashboard, with their own browsers. Errors in a tab's console fail the test. */
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

  /** Opens a new browser with one tab on a page, signed in. */
  async open(path = '/', { key = this.#key, url = this.#url, context, ...look }: TabOptions = {}): Promise<Page> {
    const page = await this.tab(context ?? (await this.context(look)));
    await page.goto(`${url}/#key=${key}`);
    await goTo(page, path);
    return page;
  }

  /** Opens a new browser, not signed in. */
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

  /** Opens another tab in a browser. */
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

  /** Allows console errors that the test is about, such as a refused request. */
  expectComplaints(...expected: RegExp[]): void {
    this.#expected.push(...expected);
  }

  /** Closes all tabs. Throws if one has logged an error. */
  async leave(): Promise<void> {
    for (const context of this.#contexts) await context.close();
    const complaints = this.#complaints.filter((text) => !this.#expected.some((expected) => expected.test(text)));
    if (complaints.length > 0) throw new Error(`The page complained:\n${complaints.join('\n')}`);
  }
}

/** The number of a tab's open requests. */
export function openRequests(page: Page): () => number {
  // Requests that began before this call are never included.
  const open = new Set<Request>();
  page.on('request', (request) => {
    if (request.url().includes('/v1/')) open.add(request);
  });
  const ended = (request: Request) => open.delete(request);
  page.on('requestfinished', ended).on('requestfailed', ended);
  return () => open.size;
}

/** Navigates a signed-in tab to a page of the dashboard, and waits for its content. */
export async function goTo(page: Page, path: string): Promise<void> {
  await page.locator('nav').waitFor();
  // Like a link, without reloading the document.
  await page.evaluate((hash) => (location.hash = hash), path);
  await page.waitForFunction((hash) => location.hash === `#${hash}` || location.hash === '', path);
  await shown(page);
}

/** Waits until nothing is loading anymore and everything is drawn. */
export async function shown(page: Page): Promise<void> {
  await page.locator('h1').waitFor();
  await page.waitForFunction(() => !document.querySelector('.loading, .drawing-frame:empty'));
}
