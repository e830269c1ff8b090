import { Duration, Stack } from 'aws-cdk-lib';
import {
  Dashboard,
  GraphWidget,
  MathExpression,
  Metric,
  TextWidget,
  type GraphWidgetProps,
  type IMetric,
  type IWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { openStatuses } from '#shared/schema.ts';
import { deadLetters, every, functionsOf, sum, type Watched } from './watches.ts';

const width = 8;
/** Prices in us-east-1, in dollars per million units. */
const unitPrices = { ConsumedWriteCapacityUnits: 0.625, ConsumedReadCapacityUnits: 0.125 };

/** The CloudWatch dashboard: first what people ask about the work, then agents, then the infrastructure. */
export function addDashboard(
  scope: Construct,
  watched: Watched,
  queries: readonly string[],
  runbookUrl: string,
): Dashboard {
  const heading = headings(runbookUrl);
  return new Dashboard(scope, 'Dashboard', {
    defaultInterval: Duration.hours(3),
    widgets: [
      [heading('Is work flowing?', 'old-ready-tasks, no-capable-agent, low-success-rate')],
      ...rows(ofWork(watched)),
      [heading('Who is busy?', 'no-agents')],
      ...rows(ofAgents(watched)),
      [heading('What does it run on?', 'function-errors, api-server-errors, dead-letters', linkTo(scope, queries))],
      ...rows(ofSystem(watched)),
    ],
  });
}

function ofWork({ work }: Watched): IWidget[] {
  const percentiles = (name: 'wait' | 'run') =>
    ['p50', 'p90', 'p99'].map((statistic) => work.change(name, { statistic, label: statistic }));
  return [
    graph('Throughput per minute', [
      work.change('created'),
      work.change('completed'),
      work.change('failed'),
      work.change('cancelled'),
    ]),
    graph(
      'Open tasks',
      openStatuses.map((status) => work.state(status, { label: status })),
      { stacked: true },
    ),
    graph('Oldest ready task, seconds', [work.state('oldestReadySeconds', { label: 'oldest' })]),
    graph('Wait from ready to assigned, ms', percentiles('wait')),
    graph('Run time, ms', percentiles('run')),
    graph('Success rate of the last hour', [work.state('successRate', { statistic: 'Minimum', label: 'success' })], {
      leftYAxis: { min: 0, max: 1 },
    }),
    graph('Requeued, by cause', [work.requeuedByCause()]),
    graph('Lanes', [
      work.state('lanesWithWork', { label: 'with ready work' }),
      work.state('stuckLanes', { label: 'that no agent can do' }),
    ]),
  ];
}

function ofAgents({ work }: Watched): IWidget[] {
  const states = ['agentsActive', 'agentsBusy', 'agentsStale', 'agentsDraining'] as const;
  const slots = { used: work.state('slotsUsed'), free: work.state('slotsFree') };
  const utilization = new MathExpression({
    expression: '100 * used / (used + free)',
    label: 'utilization, %',
    usingMetrics: slots,
    period: Duration.minutes(1),
  });
  return [
    graph(
      'Agents',
      states.map((name) => work.state(name, { label: name.replace('agents', '').toLowerCase() })),
    ),
    graph('Slots', [work.state('slotsUsed', { label: 'used' }), work.state('slotsFree', { label: 'free' })], {
      stacked: true,
    }),
    graph('Utilization', [utilization], { leftYAxis: { min: 0, max: 100 } }),
  ];
}

function ofSystem(watched: Watched): IWidget[] {
  const { dispatch, events, api, work, storage } = watched;
  const functions = Object.values(functionsOf(watched));
  const consumed = (metricName: keyof typeof unitPrices) =>
    [storage.tasks, storage.agents].map(
      ({ tableName: TableName }) =>
        new Metric({ namespace: 'AWS/DynamoDB', metricName, dimensionsMap: { TableName }, ...every(5, 'Sum') }),
    );
  const writes = sum('write units', consumed('ConsumedWriteCapacityUnits'), 'w');
  const reads = sum('read units', consumed('ConsumedReadCapacityUnits'), 'r');
  const cost = new MathExpression({
    expression: `(writes * ${unitPrices.ConsumedWriteCapacityUnits} + reads * ${unitPrices.ConsumedReadCapacityUnits}) / 1000000 * 12`,
    label: 'DynamoDB, $ per hour',
    usingMetrics: { writes, reads },
    period: Duration.minutes(5),
  });
  const throttled = (['tasks', 'indexes', 'agents'] as const).map((of, n) =>
    sum(of, storage.metricsOfThrottles(of, every(5, 'Sum')), `t${n}x`),
  );
  return [
    graph('Calls per minute, by operation', [work.callsByOperation('SampleCount')]),
    graph('Latency of operations, p99, ms', [work.callsByOperation('p99')]),
    graph('Requests', [api.http.metricCount(), api.http.metricClientError(), api.http.metricServerError()]),
    graph(
      'API latency',
      ['p50', 'p99'].map((statistic) => api.http.metricLatency({ statistic })),
    ),
    graph('Ready queue', [dispatch.readyQueue.metricApproximateNumberOfMessagesVisible()], {
      right: [dispatch.readyQueue.metricApproximateAgeOfOldestMessage()],
    }),
    graph('Delay of changes, ms', [
      events.metricDelay({ ...every(1, 'Maximum'), label: 'published' }),
      events.metricCountDelay({ ...every(1, 'Maximum'), label: 'counted' }),
    ]),
    graph(
      'Dead letters',
      deadLetters(watched).map(({ metric }) => metric),
    ),
    graph(
      'Function errors',
      functions.map((fn) => fn.metricErrors()),
    ),
    graph(
      'Function duration, p99',
      functions.map((fn) => fn.metricDuration({ statistic: 'p99' })),
    ),
    graph('Throttled', throttled),
    graph('Consumed units in 5 minutes', [writes, reads]),
    graph('Estimated cost', [cost]),
  ];
}

const graph = (title: string, left: IMetric[], more: Partial<GraphWidgetProps> = {}): IWidget =>
  new GraphWidget({ title, left, width, height: 6, ...more });

/** Three per row, which fits a laptop screen. */
function rows(widgets: readonly IWidget[]): IWidget[][] {
  return Array.from({ length: Math.ceil(widgets.length / 3) }, (_, n) => widgets.slice(3 * n, 3 * n + 3));
}

/** A section of the dashboard, with links to the sections of the runbook that help if it looks wrong. */
const headings =
  (runbookUrl: string) =>
  (question: string, sections: string, more = ''): TextWidget => {
    const links = sections.split(', ').map((section) => {
      const address = `${runbookUrl}#${section}`;
      return URL.canParse(address) ? `[${section}](${address})` : address;
    });
    return new TextWidget({
      markdown: `## ${question}\nIf not as it should be: ${links.join(', ')}.${more}`,
      width: 24,
      height: 2,
    });
  };

function linkTo(scope: Construct, queries: readonly string[]): string {
  const { region } = Stack.of(scope);
  const console = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}`;
  return ` Saved queries of [Logs Insights](${console}#logsV2:logs-insights): ${queries.join(', ')}.`;
}
