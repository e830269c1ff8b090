/** The CloudWatch dashboard and alarms use only metrics that the functions emit when the quick start runs. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { allOf, synthesize } from '../infra/synthesize.ts';
import { runScript } from '../support/command.ts';
import { test } from '../support/own-muster.ts';

interface Line {
  _aws: { CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }[] };
  [field: string]: unknown;
}

/** The identity of a metric in CloudWatch. */
const keyOf = (namespace: unknown, name: unknown, dimensions: Record<string, unknown>) =>
  JSON.stringify([namespace, name, Object.entries(dimensions).sort(([one], [other]) => (one < other ? -1 : 1))]);

/** The metrics that CloudWatch would extract from the functions' logs in embedded metric format. */
function measured(folder: string): Set<string> {
  const logs = readdirSync(path.join(folder, 'logs')).map((file) =>
    readFileSync(path.join(folder, 'logs', file), 'utf8'),
  );
  const lines = logs.flatMap((log) => log.split('\n')).filter((line) => line.includes('CloudWatchMetrics'));
  return new Set(
    lines.flatMap((text) => {
      const line = JSON.parse(text) as Line;
      return line._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
        Dimensions.flatMap((names) =>
          Metrics.map(({ Name }) =>
            keyOf(Namespace, Name, Object.fromEntries(names.map((name) => [name, line[name]]))),
          ),
        ),
      );
    }),
  );
}

/** The function metrics that widgets and alarms refer to. */
function named(value: unknown, namespace: string): string[] {
  if (Array.isArray(value)) {
    const [of, name, ...rest] = value as unknown[];
    if (of === namespace) {
      const pairs = rest.filter((one) => typeof one === 'string');
      const dimensions = Array.from({ length: pairs.length / 2 }, (_, n) => [pairs[2 * n], pairs[2 * n + 1]] as const);
      return [keyOf(of, name, Object.fromEntries(dimensions) as Record<string, unknown>)];
    }
    return value.flatMap((one) => named(one, namespace));
  }
  if (typeof value !== 'object' || value === null) return [];
  const {
    Namespace,
    MetricName,
    Dimensions = [],
  } = value as {
    Namespace?: string;
    MetricName?: string;
    Dimensions?: { Name: string; Value: string }[];
  };
  const own =
    Namespace === namespace
      ? [keyOf(Namespace, MetricName, Object.fromEntries(Dimensions.map((one) => [one.Name, one.Value])))]
      : [];
  return [...own, ...Object.values(value).flatMap((one) => named(one, namespace))];
}

/** What the widgets' searches look for: the dimensions, the metric name, and the service if given. */
const searches = (body: string) =>
  [
    ...body
      .replaceAll('\\"', '"')
      .matchAll(/SEARCH\('\{"([^"]+)",(\w+),service\} MetricName="(\w+)"(?: service="(\w+)")?/g),
  ].map(([, namespace, dimension, name, service]) => ({ namespace, dimension, name, service }));

function isFound(
  { namespace, dimension, name, service }: ReturnType<typeof searches>[number],
  metric: string,
): boolean {
  const [of, called, dimensions] = JSON.parse(metric) as [string, string, [string, string][]];
  const has = new Map(dimensions);
  const isOfService = service === undefined || has.get('service') === service;
  return of === namespace && called === name && has.size === 2 && has.has(dimension ?? '') && isOfService;
}

test(
  'every widget and alarm on tasks has a metric that a run of the quick start emits',
  { timeout: 240_000 },
  async ({ muster }) => {
    const { url, keys, folder } = muster.local;
    const access = { MUSTER_URL: url, MUSTER_KEY: keys.admin };
    const quickstart = runScript('examples/quickstart/main.ts', access);
    expect(await quickstart.ended(180_000), quickstart.errors()).toBe(0);
    // The quick start has neither.
    await muster.call('cancel_task', { task_id: await muster.create({}) });
    await muster.fail(await muster.create({}));
    await muster.settled();
    await muster.fire('sweep');

    // The laptop's name.
    const namespace = 'Muster/local';
    const template = await synthesize('local');
    const bodies = Object.values(allOf(template, 'AWS::CloudWatch::Dashboard')).map(({ DashboardBody }) =>
      textOf(DashboardBody),
    );
    const asked = [
      ...bodies.flatMap((body) => named(JSON.parse(body), namespace)),
      ...named(Object.values(allOf(template, 'AWS::CloudWatch::Alarm')), namespace),
    ];
    await expect.poll(() => asked.filter((metric) => !measured(folder).has(metric))).toEqual([]);
    expect(new Set(asked).size).toBeGreaterThan(15);
    const metrics = [...measured(folder)];
    const sought = bodies.flatMap(searches);
    expect(sought).toHaveLength(3);
    expect(sought.filter((search) => !metrics.some((metric) => isFound(search, metric)))).toEqual([]);
  },
);

/** The body without what is only known after a deployment. */
function textOf(body: unknown): string {
  if (typeof body === 'string') return body;
  const { 'Fn::Join': [, parts] = ['', []] } = body as { 'Fn::Join'?: [string, unknown[]] };
  return parts.map((part) => (typeof part === 'string' ? part : 'TOKEN')).join('');
}
