import type { TestProject } from 'vitest/node';
import { findChromium, type Chromium } from './chromium.ts';

declare module 'vitest' {
  interface ProvidedContext {
    chromium: Chromium | { missing: string };
  }
}

/** Finds and unpacks the browser once for all test files. CI requires one. */
export default function setup({ provide }: TestProject): void {
  const chromium = findChromium();
  if ('missing' in chromium && process.env['CI'] !== undefined) throw new Error(chromium.missing);
  provide('chromium', chromium);
}
