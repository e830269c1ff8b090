import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { metrics, workMetrics, workMetricsBy } from '#shared/schema.ts';

/** A task change that is counted, or a time measured with it. */
export type MeasuredChange = 'created' | 'completed' | 'failed' | 'cancelled' | 'wait' | 'run';
/** A gauge, emitted once a minute. */
export type MeasuredState = keyof typeof workMetrics.now;

const aMinute = Duration.minutes(1);

/** The metrics of work and calls that the functions of a Muster emit, for dashboards and alarms. */
export class WorkMetrics {
  readonly namespace: string;

  constructor(namespace: string) {
    this.namespace = namespace;
  }

  /** Counted or measured by the stream consumer. */
  change(name: MeasuredChange, options: MetricOptions = {}): Metric {
    return this.metric(workMetricsBy.changes, workMetrics[name], { statistic: 'Sum', label: name, ...options });
  }

  /** Emitted by the sweep. */
  state(name: MeasuredState, options: MetricOptions = {}): Metric {
    return this.metric(workMetricsBy.now, workMetrics.now[name].metric, { statistic: 'Maximum', ...options });
  }

  /** Tasks that went from an agent back to their lane, one line per cause. */
  requeuedByCause(): MathExpression {
    const { name, dimension } = workMetrics.requeued;
    return this.search(dimension, `MetricName="${name}"`, 'Sum');
  }

  /** HTTP calls by operation. */
  callsByOperation(statistic: 'SampleCount' | 'p99'): MathExpression {
    const { name, dimension } = metrics.duration;
    return this.search(dimension, `MetricName="${name}" service="api"`, statistic);
  }

  /** The share of an hour's runs that failed, if any ready task ended at all. */
  failureRate(): MathExpression {
    const success = this.state('successRate', { statistic: 'Minimum', period: aMinute });
    return new MathExpression({
      expression: '1 - success',
      label: 'Failure rate',
      usingMetrics: { success },
      period: aMinute,
    });
  }

  /** 1 while there is ready work and no agent to take it. */
  readyWithoutAgents(): MathExpression {
    const state = (name: MeasuredState) => this.state(name, { period: aMinute });
    return new MathExpression({
      expression: 'IF(pending > 0 AND active - stale < 1, 1, 0)',
      label: 'Ready work and no agent',
      usingMetrics: { pending: state('pending'), active: state('agentsActive'), stale: state('agentsStale') },
      period: aMinute,
    });
  }

  private metric(service: string, metricName: string, options: MetricOptions): Metric {
    return new Metric({
      namespace: this.namespace,
      metricName,
      dimensionsMap: { service },
      period: aMinute,
      ...options,
    });
  }

  private search(dimension: string, terms: string, statistic: string): MathExpression {
    const expression = `SEARCH('{"${this.namespace}",${dimension},service} ${terms}', '${statistic}', 60)`;
    return new MathExpression({ expression, label: '', usingMetrics: {}, period: aMinute });
  }
}
