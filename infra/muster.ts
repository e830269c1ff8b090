import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { MathExpression, Metric, type Dashboard, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { FunctionName } from '#scripts/bundle.ts';
import type { OperationName } from '#shared/contract/operations.ts';
import type { Code } from '#shared/contract/problem.ts';
import { metrics } from '#shared/schema.ts';
import { Api } from './constructs/api.ts';
import { Dispatch } from './constructs/dispatch.ts';
import { Events } from './constructs/events.ts';
import { Monitoring } from './constructs/monitoring.ts';
import { Storage } from './constructs/storage.ts';
import { Upkeep } from './constructs/upkeep.ts';
import { WorkMetrics } from './constructs/work-metrics.ts';
import { settingsOf, type MusterProps } from './props.ts';

/** Options of the metrics that the functions measure themselves. */
export interface CallMetricOptions extends MetricOptions {
  /**
   * How the calls come in. Each transport has metrics of its own.
   * @default 'http'
   */
  readonly transport?: 'http' | 'mcp';
}

/** The function that answers a transport: the value of the dimension `service`. */
const serviceOf = { http: 'api', mcp: 'mcp' } as const satisfies Record<string, FunctionName>;

/**
 * Multi-agent task orchestration: the tables, the functions and everything between them. Any number of them fit in one stack:
 * nothing has a name that CloudFormation did not choose.
 */
export class Muster extends Construct {
  /** The tasks and graphs. Its stream is what events and statistics are made of. */
  readonly tasksTable: ITable;
  /** The agents, lanes, statistics and access keys. */
  readonly agentsTable: ITable;
  /** Carries the events of tasks, with the source `muster.tasks`. */
  readonly bus: EventBus;
  /** Answers HTTP and MCP. */
  readonly api: HttpApi;
  /** Wake-ups of the router. */
  readonly readyQueue: Queue;
  /** Wake-ups that could not be processed. */
  readonly readyDeadLetters: Queue;
  /** Changes of tasks that could not be published. */
  readonly changesDeadLetters: Queue;
  /** Events whose dependents could not be released. */
  readonly releaseDeadLetters: Queue;
  readonly dashboard: Dashboard;

  readonly #metricsNamespace: string;
  readonly #events: Events;
  readonly #upkeep: Upkeep;

  constructor(scope: Construct, id: string, props: MusterProps = {}) {
    super(scope, id);
    const settings = settingsOf(this, props);

    const storage = new Storage(this, 'Storage', { settings, tables: props.tables });
    const dispatch = new Dispatch(this, 'Dispatch', { settings, storage });
    const events = new Events(this, 'Events', { settings, storage, dispatch });
    const api = new Api(this, 'Api', { settings, storage, dispatch });
    const upkeep = new Upkeep(this, 'Upkeep', { settings, storage, dispatch });
    const monitoring = new Monitoring(this, 'Monitoring', {
      alarmTopic: props.alarmTopic,
      storage,
      dispatch,
      events,
      api,
      upkeep,
      work: new WorkMetrics(settings.metricsNamespace),
    });

    this.tasksTable = storage.tasks;
    this.agentsTable = storage.agents;
    this.bus = events.bus;
    this.api = api.http;
    this.readyQueue = dispatch.readyQueue;
    this.readyDeadLetters = dispatch.readyDeadLetters;
    this.changesDeadLetters = events.changesDeadLetters;
    this.releaseDeadLetters = events.releaseDeadLetters;
    this.dashboard = monitoring.dashboard;
    this.#metricsNamespace = settings.metricsNamespace;
    this.#events = events;
    this.#upkeep = upkeep;
  }

  /** How often an operation was called. */
  metricCalls(operation: OperationName, options?: CallMetricOptions): Metric {
    return this.metricDuration(operation, { statistic: 'SampleCount', ...options });
  }

  /** How long the calls of an operation took, in milliseconds. */
  metricDuration(operation: OperationName, options?: CallMetricOptions): Metric {
    return this.#metric(metrics.duration, operation, options);
  }

  /** How many calls were refused with this code. */
  metricRefusals(code: Code, options?: CallMetricOptions): Metric {
    return this.#metric(metrics.refusals, code, { statistic: 'Sum', ...options });
  }

  /** How many requests were answered with a 5xx, whether by a function or by API Gateway. */
  metricServerErrors(options?: MetricOptions): Metric {
    return this.api.metricServerError({ statistic: 'Sum', ...options });
  }

  /** How long the oldest wake-up of the router has waited, in seconds. */
  metricReadyDelay(options?: MetricOptions): Metric {
    return this.readyQueue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', ...options });
  }

  /** How long the oldest change of a task has waited to be published, in milliseconds. */
  metricPublishDelay(options?: MetricOptions): Metric {
    return this.#events.metricDelay(options);
  }

  /** How many messages are in the three dead-letter queues. */
  metricDeadLetters(options?: MetricOptions): MathExpression {
    const messages = (queue: Queue) =>
      queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', ...options });
    return new MathExpression({
      expression: 'ready + changes + release',
      label: 'Dead letters',
      ...(options?.period && { period: options.period }),
      usingMetrics: {
        ready: messages(this.readyDeadLetters),
        changes: messages(this.changesDeadLetters),
        release: messages(this.releaseDeadLetters),
      },
    });
  }

  /** How often the sweep ran. */
  metricSweeps(options?: MetricOptions): Metric {
    return this.#upkeep.sweep.metricInvocations({ statistic: 'Sum', ...options });
  }

  #metric(
    { name, dimension }: { name: string; dimension: string },
    value: string,
    { transport = 'http', ...options }: CallMetricOptions = {},
  ): Metric {
    const dimensionsMap = { service: serviceOf[transport], [dimension]: value };
    return new Metric({ namespace: this.#metricsNamespace, metricName: name, dimensionsMap, ...options }).attachTo(
      this,
    );
  }
}
