import { clockText } from './words.ts';

/** Reasons in words; those not listed already are words. */
const words: Readonly<Record<string, string>> = {
  timed_out: 'timed out',
  agent_lost: 'its agent stopped responding',
  not_started: 'not started in time',
  offer_expired: 'not taken in time',
  agent_replaced: 'its agent was replaced',
  dependency_failed: 'a dependency failed',
  dependency_retried: 'a dependency was retried',
};

/** At the beginning of a reason, or where a sentence quotes one. */
const causes = new RegExp(`(?<=^|\\(|: )(?:${Object.keys(words).join('|')})(?=$|: |\\)|\\.$)`, 'g');

/** A reason, or a sentence that contains one, in plain words: "a dependency failed" for dependency_failed. */
export const inWords = (text: string): string => text.replace(causes, (cause) => words[cause] ?? cause);

const moments = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** A sentence with its timestamps as times of day: "since 14:57:41" for since 2026-11-26T14:57:41.309Z. */
export const withClockTimes = (text: string, now: number): string =>
  text.replace(moments, (moment) => (Number.isNaN(Date.parse(moment)) ? moment : clockText(Date.parse(moment), now)));
