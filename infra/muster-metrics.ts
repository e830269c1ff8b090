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
   * The transport of the calls; each has its own metrics.
   * @default 'http'
   */
  readonly transport?: 'http' | 'mcp';
}

/** The function of each transport, which is the value of the dimension `service`. */
const serviceOf = { http: 'api', mcp: 'mcp' } as const satisfies Record<string, FunctionName>;

/** The state of an agent. Busy and stale agents are also active. */
export type AgentState = 'active' | 'busy' | 'stale' | 'draining';

const agentStates = {
  active: 'agentsActive',
  busy: 'agentsBusy',
  stale: 'agentsStale',
  draining: 'agentsDraining',
} as const satisfies Record<AgentState, MeasuredState>;

/** The metrics of a Muster, for alarms and dashboards. */
export abstract class MusterMetrics extends Construct {
  /** @internal */
  protected abstract readonly watched: Watched;

  /** Number of tasks created. */
  metricCreated(options?: MetricOptions): Metric {
    return this.watched.work.change('created', options).attachTo(this);
  }

  /** Number of tasks completed. */
  metricCompleted(options?: MetricOptions): Metric {
    return this.watched.work.change('completed', options).attachTo(this);
  }

  /** Number of tasks that failed permanently. */
  metricFailed(options?: MetricOptions): Metric {
    return this.watched.work.change('failed', options).attachTo(this);
  }

  /** Number of tasks cancelled. */
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

  /** Number of tasks with a status. */
  metricTasks(status: OpenStatus, options?: MetricOptions): Metric {
    return this.watched.work.state(status, options).attachTo(this);
  }

  /** How long the oldest ready task has waited for an agent, in seconds. */
  metricOldestReadyAge(options?: MetricOptions): Metric {
    return this.watched.work.state('oldestReadySeconds', options).attachTo(this);
  }

  /** Number of lanes with ready work that no agent can do. */
  metricStuckLanes(options?: MetricOptions): Metric {
    return this.watched.work.state('stuckLanes', options).attachTo(this);
  }

  /** The share of the tasks ended in the last hour that completed, from 0 to 1. */
  metricSuccessRate(options?: MetricOptions): Metric {
    return this.watched.work.state('successRate', { statistic: 'Minimum', ...options }).attachTo(this);
  }

  /** Number of agents in a state. Active agents may be busy, or stale: unseen for so long that they get no work. */
  metricAgents(state: AgentState, options?: MetricOptions): Metric {
    return this.watched.work.state(agentStates[state], options).attachTo(this);
  }

  /** Number of free slots of all agents. */
  metricFreeSlots(options?: MetricOptions): Metric {
    return this.watched.work.state('slotsFree', options).attachTo(this);
  }

  /** Number of calls of an operation. */
  metricCalls(operation: OperationName, options?: CallMetricOptions): Metric {
    return this.metricDuration(operation, { statistic: 'SampleCount', ...options });
  }

  /** Duration of the calls of an operation, in milliseconds. */
  metricDuration(operation: OperationName, options?: CallMetricOptions): Metric {
    return this.#metric(metrics.duration, operation, options);
  }

  /** Number of calls refused with this code. */
  metricRefusals(code: RefusalCode, options?: CallMetricOptions): Metric {
    return this.#metric(metrics.refusals, code, { statistic: 'Sum', ...options });
  }

  /** Number of 5xx responses, from functions or from API Gateway itself. */
  metricServerErrors(options?: MetricOptions): Metric {
    return this.watched.api.http.metricServerError({ statistic: 'Sum', ...options });
  }

  /** How long the oldest wake-up of the router has waited, in seconds. */
  metricReadyDelay(options?: MetricOptions): Metric {
    return this.watched.dispatch.readyQueue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', ...options });
  }

  /** How long the oldest task change has waited to be published, in milliseconds. */
  metricPublishDelay(options?: MetricOptions): Metric {
    return this.watched.events.metricDelay(options);
  }

  /** How long the oldest task change has waited to be counted in the statistics, in milliseconds. */
  metricStatisticsDelay(options?: MetricOptions): Metric {
    return this.watched.events.metricCountDelay(options);
  }

  /** Number of messages in the three dead-letter queues. */
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

  /** Number of sweeps. */
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
