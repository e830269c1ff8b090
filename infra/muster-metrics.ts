import { MathExpression, Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { FunctionName } from '#scripts/bundle.ts';
import { metrics } from '#shared/schema.ts';
import type { Watched } from './constructs/watches.ts';
import type { MeasuredState } from './constructs/work-metrics.ts';
import type { OpenStatus, OperationName, RefusalCode } from './names.ts';

/** Options of the metrics of calls. */
export interface CallMetricOptions extends MetricOptions {
  /**
   * How the calls come in. Each transport has metrics of its own.
   * @default 'http'
   */
  readonly transport?: 'http' | 'mcp';
}

/** The function that answers a transport: the value of the dimension `service`. */
const serviceOf = { http: 'api', mcp: 'mcp' } as const satisfies Record<string, FunctionName>;

/** The state of an agent. A busy or stale one is active too. */
export type AgentState = 'active' | 'busy' | 'stale' | 'draining';

const agentStates = {
  active: 'agentsActive',
  busy: 'agentsBusy',
  stale: 'agentsStale',
  draining: 'agentsDraining',
} as const satisfies Record<AgentState, MeasuredState>;

/** What is measured of a Muster, for alarms and dashboards. */
export abstract class MusterMetrics extends Construct {
  /** @internal */
  protected abstract readonly watched: Watched;

  /** How many tasks were created. */
  metricCreated(options?: MetricOptions): Metric {
    return this.watched.work.change('created', options).attachTo(this);
  }

  /** How many tasks were completed. */
  metricCompleted(options?: MetricOptions): Metric {
    return this.watched.work.change('completed', options).attachTo(this);
  }

  /** How many tasks have failed for good. */
  metricFailed(options?: MetricOptions): Metric {
    return this.watched.work.change('failed', options).attachTo(this);
  }

  /** How many tasks were cancelled. */
  metricCancelled(options?: MetricOptions): Metric {
    return this.watched.work.change('cancelled', options).attachTo(this);
  }

  /** How long tasks waited from ready to assigned, in milliseconds. */
  metricWaitTime(options?: MetricOptions): Metric {
    return this.watched.work.change('wait', { statistic: 'Average', ...options }).attachTo(this);
  }

  /** How long tasks took from start to completion, in milliseconds. */
  metricRunTime(options?: MetricOptions): Metric {
    return this.watched.work.change('run', { statistic: 'Average', ...options }).attachTo(this);
  }

  /** How many tasks have a status. */
  metricTasks(status: OpenStatus, options?: MetricOptions): Metric {
    return this.watched.work.state(status, options).attachTo(this);
  }

  /** How long the oldest ready task has waited for an agent, in seconds. */
  metricOldestReadyAge(options?: MetricOptions): Metric {
    return this.watched.work.state('oldestReadySeconds', options).attachTo(this);
  }

  /** How many lanes have ready work that no agent can do. */
  metricStuckLanes(options?: MetricOptions): Metric {
    return this.watched.work.state('stuckLanes', options).attachTo(this);
  }

  /** Which part of the tasks that ended in the last hour was completed, from 0 to 1. */
  metricSuccessRate(options?: MetricOptions): Metric {
    return this.watched.work.state('successRate', { statistic: 'Minimum', ...options }).attachTo(this);
  }

  /** How many agents there are in a state. Active ones may be busy, and stale: unseen for so long that they get no work. */
  metricAgents(state: AgentState, options?: MetricOptions): Metric {
    return this.watched.work.state(agentStates[state], options).attachTo(this);
  }

  /** How many more tasks the agents could hold. */
  metricFreeSlots(options?: MetricOptions): Metric {
    return this.watched.work.state('slotsFree', options).attachTo(this);
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
  metricRefusals(code: RefusalCode, options?: CallMetricOptions): Metric {
    return this.#metric(metrics.refusals, code, { statistic: 'Sum', ...options });
  }

  /** How many requests were answered with a 5xx, whether by a function or by API Gateway. */
  metricServerErrors(options?: MetricOptions): Metric {
    return this.watched.api.http.metricServerError({ statistic: 'Sum', ...options });
  }

  /** How long the oldest wake-up of the router has waited, in seconds. */
  metricReadyDelay(options?: MetricOptions): Metric {
    return this.watched.dispatch.readyQueue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', ...options });
  }

  /** How long the oldest change of a task has waited to be published, in milliseconds. */
  metricPublishDelay(options?: MetricOptions): Metric {
    return this.watched.events.metricDelay(options);
  }

  /** How long the oldest change of a task has waited to be counted in the statistics, in milliseconds. */
  metricStatisticsDelay(options?: MetricOptions): Metric {
    return this.watched.events.metricCountDelay(options);
  }

  /** How many messages are in the three dead-letter queues. */
  metricDeadLetters(options?: MetricOptions): MathExpression {
    const messages = (queue: Queue) =>
      queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', ...options });
    const { dispatch, events } = this.watched;
    return new MathExpression({
      expression: 'ready + changes + release',
      label: 'Dead letters',
      ...(options?.period && { period: options.period }),
      usingMetrics: {
        ready: messages(dispatch.readyDeadLetters),
        changes: messages(events.changesDeadLetters),
        release: messages(events.releaseDeadLetters),
      },
    });
  }

  /** How often the sweep ran. */
  metricSweeps(options?: MetricOptions): Metric {
    return this.watched.upkeep.sweep.metricInvocations({ statistic: 'Sum', ...options });
  }

  #metric(
    { name, dimension }: { name: string; dimension: string },
    value: string,
    { transport = 'http', ...options }: CallMetricOptions = {},
  ): Metric {
    const dimensionsMap = { service: serviceOf[transport], [dimension]: value };
    const { namespace } = this.watched.work;
    return new Metric({ namespace, metricName: name, dimensionsMap, ...options }).attachTo(this);
  }
}
