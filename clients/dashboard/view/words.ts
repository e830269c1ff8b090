const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** A duration as people say it: 6.2 s, 4 min 51 s, 3 h 5 min, 2 days. */
export function durationText(ms: number): string {
  if (!Number.isFinite(ms)) return '–';
  const size = Math.max(0, ms);
  if (size < 10) return `${Math.round(size * 10) / 10} ms`;
  if (size < second) return `${Math.round(size)} ms`;
  if (size < 10 * second) return `${Math.floor(size / 100) / 10} s`;
  if (size < minute) return `${Math.floor(size / second)} s`;
  if (size < hour) return withRest(size, minute, 'min', second, 's', 10);
  if (size < 2 * day) return withRest(size, hour, 'h', minute, 'min', 24);
  return `${Math.floor(size / day)} days`;
}

/** Adds the smaller unit if there are few of the larger one. */
function withRest(size: number, unit: number, name: string, smaller: number, smallerName: string, upTo: number) {
  const whole = Math.floor(size / unit);
  const rest = Math.floor((size % unit) / smaller);
  return whole < upTo && rest > 0 ? `${whole} ${name} ${rest} ${smallerName}` : `${whole} ${name}`;
}

/** How long ago something was, in one unit; "in 5 min" for the future. */
export function agoText(at: number, now: number): string {
  const distance = Math.abs(now - at);
  if (distance < 5 * second) return 'now';
  const size = oneUnit(distance);
  return at <= now ? `${size} ago` : `in ${size}`;
}

/** A duration in its largest unit. */
export function oneUnit(ms: number): string {
  if (ms < minute) return `${Math.max(0, Math.floor(ms / second))} s`;
  if (ms < hour) return `${Math.floor(ms / minute)} min`;
  if (ms < 2 * day) return `${Math.floor(ms / hour)} h`;
  return `${Math.floor(ms / day)} days`;
}

// Created once: toLocaleString creates one on each call, which takes a hundred times as long.
const wholeNumber = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const exact = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'long' });
const dayOnly = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short' });
const timeOnly = new Intl.DateTimeFormat('sv-SE', { timeStyle: 'medium' });

/** 12,345 */
export const numberText = (value: number) => wholeNumber.format(value);

/** 98.4%; 0% and 100% are only shown if exact. */
export function percentText(fraction: number): string {
  const tenths = Math.round(fraction * 1000) / 10;
  if (tenths === 100 && fraction < 1) return '99.9%';
  if (tenths === 0 && fraction > 0) return '0.1%';
  return `${tenths}%`;
}

/** "1 task", "5 tasks", "1,000 tasks". */
export const countText = (count: number, one: string, many = `${one}s`) =>
  `${numberText(count)} ${count === 1 ? one : many}`;

/** The exact time, as a tooltip: 2026-11-26 14:22:10, with the browser's time zone. */
export const exactText = (at: number) => exact.format(at);

/** The time of day, with the date unless it is today. */
export function clockText(at: number, now: number): string {
  const time = timeOnly.format(at);
  return dayOnly.format(at) === dayOnly.format(now) ? time : `${dayOnly.format(at)} ${time}`;
}

/** Size of a text in bytes: 512 B, 12 KB. */
export function sizeText(text: string): string {
  const bytes = new TextEncoder().encode(text).length;
  return bytes < 1024 ? `${bytes} B` : `${Math.round(bytes / 1024)} KB`;
}
