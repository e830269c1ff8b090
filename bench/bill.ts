import type { Life, PerTask } from './measurements/dependent-lives.ts';
import type { Line } from './table.ts';

/** A price in dollars, its source and when it was last read there. */
export interface Price {
  dollars: number;
  source: string;
  read: string;
}

const aws = (page: string) => `https://aws.amazon.com/${page}/pricing/`;
const recorded = 'November 2026';

/** us-east-1, without the free tier. Per million, GB or month, as the name says. */
export const prices = {
  writeUnits: { dollars: 0.625, source: aws('dynamodb'), read: recorded },
  readUnits: { dollars: 0.125, source: aws('dynamodb'), read: recorded },
  requests: { dollars: 1, source: aws('api-gateway'), read: recorded },
  invocations: { dollars: 0.2, source: aws('lambda'), read: recorded },
  /** Per million GB-seconds, arm64. */
  gigabyteSeconds: { dollars: 13.3334, source: aws('lambda'), read: recorded },
  queueRequests: { dollars: 0.4, source: aws('sqs'), read: recorded },
  events: { dollars: 1, source: aws('eventbridge'), read: recorded },
  logGigabyte: { dollars: 0.5, source: aws('cloudwatch'), read: recorded },
} as const satisfies Record<string, Price>;

/** Size of an access log line in bytes. */
const accessLogBytes = 270;
/**
 * How long a function runs apart from its calls to DynamoDB, and how long a call takes, in milliseconds: p50 on AWS,
 * measured elsewhere.
 */
const [ownMs, callMs] = [12, 5];
const memoryGigabytes = 0.5;

export interface BillLine {
  what: string;
  perTask: number;
  dollars: number;
}

/** The cost of a million tasks, line by line, given the usage of one. */
export function billOf(used: PerTask): BillLine[] {
  const million = (what: string, perTask: number, price: Price): BillLine => ({
    what,
    perTask,
    dollars: perTask * price.dollars,
  });
  const logs = (what: string, bytes: number): BillLine => ({
    what,
    perTask: bytes,
    dollars: (bytes / 1000) * prices.logGigabyte.dollars,
  });
  // Assumes that no calls overlap: an upper bound.
  const seconds = (used.invocations * ownMs + used.calls * callMs) / 1000;
  return [
    million('DynamoDB write units', used.writeUnits, prices.writeUnits),
    million('DynamoDB write units of statistics', used.statisticsWriteUnits, prices.writeUnits),
    million('DynamoDB read units', used.readUnits, prices.readUnits),
    million('HTTP API requests', used.requests, prices.requests),
    million('Lambda invocations', used.invocations, prices.invocations),
    million('Lambda GB-seconds, modelled', seconds * memoryGigabytes, prices.gigabyteSeconds),
    million('SQS requests', used.queueRequests, prices.queueRequests),
    million('EventBridge events', used.events, prices.events),
    logs('bytes of function logs', used.logBytes),
    logs('bytes of the access log', used.requests * accessLogBytes),
  ];
}

export const totalOf = (lines: readonly BillLine[]): number => lines.reduce((sum, { dollars }) => sum + dollars, 0);

/** The usage per task of a life next to its budgets, and the bill for a million tasks. */
export function lifeLines(used: PerTask, { budgets }: Life): Line[] {
  const { dollars, ...limits } = budgets;
  const bill = billOf(used);
  const counts = (Object.keys(used) as (keyof PerTask)[]).map((what): Line => {
    const budget = limits[what];
    return { what, measured: used[what], ...(budget !== undefined && { budget }) };
  });
  return [
    ...counts,
    ...bill.map(({ what, dollars: measured }): Line => ({ what: `$ a million, ${what}`, measured })),
    { what: '$ a million, total', measured: totalOf(bill), ...(dollars !== undefined && { budget: dollars }) },
  ];
}
