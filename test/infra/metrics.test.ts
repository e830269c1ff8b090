import type { IMetric, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { beforeAll, expect, test, vi } from 'vitest';
import type { Muster } from '#infra/muster.ts';
import { workMetrics, workMetricsBy } from '#shared/schema.ts';
import { functionNamed, synthesize, type Synthesized } from './synthesize.ts';

let synthesized: Synthesized;
let muster: Muster;
beforeAll(async () => {
  synthesized = await synthesize('qa');
  muster = synthesized.stack.muster;
});

interface Line {
  _aws: { CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }[] };
  [field: string]: unknown;
}

/** The lines that a function's telemetry writes for a refused call, in the environment from the template. */
async function written(name: 'api' | 'mcp'): Promise<Line[]> {
  const { Variables } = functionNamed(synthesized, name).Environment as { Variables: Record<string, string> };
  for (const variable of ['POWERTOOLS_SERVICE_NAME', 'POWERTOOLS_METRICS_NAMESPACE'])
    vi.stubEnv(variable, Variables[variable]);
  const lines: string[] = [];
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  try {
    vi.resetModules();
    const { measureRefusal } = await import('../../functions/telemetry/observe.ts');
    const { Refusal } = await import('#shared/contract/problem.ts');
    const call = { operation: 'claim_tasks', request_id: 'r', key_id: 'k', startedAt: 0 };
    measureRefusal(call, new Refusal('stale_attempt', 'Too late.'));
  } finally {
    spy.mockRestore();
    vi.unstubAllEnvs();
  }
  return lines.map((line) => JSON.parse(line) as Line);
}

/** The metrics that CloudWatch would extract from lines in embedded metric format. */
const taken = (lines: Line[]) =>
  lines.flatMap((line) =>
    line._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
      Dimensions.map((names) => ({
        namespace: Namespace,
        metricName: Metrics[0]?.Name,
        dimensions: Object.fromEntries(names.map((name) => [name, line[name]])),
      })),
    ),
  );

const asked = ({ namespace, metricName, dimensions }: Metric) => ({ namespace, metricName, dimensions });

test.each([
  { name: 'api', transport: 'http' },
  { name: 'mcp', transport: 'mcp' },
] as const)('the metrics of $name can be queried', async ({ name, transport }) => {
  const lines = taken(await written(name));
  expect(lines).toContainEqual(asked(muster.metricDuration('claim_tasks', { transport })));
  expect(lines).toContainEqual(asked(muster.metricRefusals('stale_attempt', { transport })));
  expect(asked(muster.metricCalls('claim_tasks', { transport }))).toEqual(
    asked(muster.metricDuration('claim_tasks', { transport })),
  );
  expect(lines[0]?.namespace).toBe('Muster/qa');
});

test('the number of calls is the sample count of the durations, and refusals are summed', () => {
  expect(muster.metricCalls('claim_tasks').statistic).toBe('SampleCount');
  expect(muster.metricRefusals('stale_attempt').statistic).toBe('Sum');
});

test("AWS metrics are those of this Muster's resources", () => {
  const of = (metric: IMetric) => {
    const { namespace, metricName, dimensions = [] } = metric.toMetricConfig().metricStat ?? {};
    return [namespace, metricName, synthesized.nameOf(dimensions[0]?.value)];
  };
  expect(of(muster.metricServerErrors())).toEqual(['AWS/ApiGateway', '5xx', 'ApiHttp']);
  expect(of(muster.metricReadyDelay())).toEqual(['AWS/SQS', 'ApproximateAgeOfOldestMessage', 'DispatchReadyQueue']);
  expect(of(muster.metricPublishDelay())).toEqual(['AWS/Lambda', 'IteratorAge', 'EventsPublishChanges']);
  expect(of(muster.metricStatisticsDelay())).toEqual(['AWS/Lambda', 'IteratorAge', 'EventsCountChanges']);
  expect(of(muster.metricSweeps())).toEqual(['AWS/Lambda', 'Invocations', 'UpkeepSweep']);
  const { usingMetrics } = muster.metricDeadLetters();
  expect(Object.values(usingMetrics).map((metric) => of(metric)[2])).toEqual([
    'DispatchReadyDeadLetters',
    'EventsChangesDeadLetters',
    'EventsReleaseDeadLetters',
  ]);
});

test('work metrics can be queried by the function that emits them', () => {
  const { completed, wait, now } = workMetrics;
  const of = ({ namespace, metricName, dimensions }: Metric) => [
    namespace,
    metricName,
    dimensions?.['service'] as unknown,
  ];
  expect(of(muster.metricCompleted())).toEqual(['Muster/qa', completed, workMetricsBy.changes]);
  expect(of(muster.metricWaitTime())).toEqual(['Muster/qa', wait, workMetricsBy.changes]);
  expect(of(muster.metricOldestReadyAge())).toEqual(['Muster/qa', now.oldestReadySeconds.metric, workMetricsBy.now]);
  expect(of(muster.metricTasks('pending'))).toEqual(['Muster/qa', now.pending.metric, workMetricsBy.now]);
  expect(of(muster.metricAgents('stale'))).toEqual(['Muster/qa', now.agentsStale.metric, workMetricsBy.now]);
  expect([muster.metricCompleted().statistic, muster.metricOldestReadyAge().statistic]).toEqual(['Sum', 'Maximum']);
  expect(muster.metricWaitTime({ statistic: 'p99' }).statistic).toBe('p99');
});
