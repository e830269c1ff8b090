import { Duration } from 'aws-cdk-lib';
import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource, type DynamoEventSourceProps } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { releaseEvent, taskSortKey } from '#shared/schema.ts';
import type { Settings } from '../defaults.ts';
import { acknowledge } from './acknowledge.ts';
import type { Dispatch } from './dispatch.ts';
import { MusterFunction } from './function.ts';
import { deadLetterQueue } from './queues.ts';
import type { Storage } from './storage.ts';

const releaseTimeout = Duration.minutes(5);

interface EventsProps {
  settings: Settings;
  storage: Storage;
  dispatch: Dispatch;
}

/** What follows from a task change: its events on the bus, and the release of dependents. */
export class Events extends Construct {
  readonly bus: EventBus;
  readonly publishChanges: MusterFunction;
  readonly countChanges: MusterFunction;
  readonly changesDeadLetters: Queue;
  readonly releaseDependents: MusterFunction;
  readonly releaseQueue: Queue;
  readonly releaseDeadLetters: Queue;
  readonly releaseRule: Rule;

  constructor(scope: Construct, id: string, props: EventsProps) {
    super(scope, id);
    this.bus = new EventBus(this, 'Bus', { description: 'Task events of Muster' });
    this.changesDeadLetters = deadLetterQueue(this, 'ChangesDeadLetters');
    acknowledge(
      this.changesDeadLetters,
      'A function sends messages here, not the redrive policy of a queue; an alarm watches it',
      'AwsSolutions-SQS3',
    );
    this.publishChanges = this.addPublishChanges(props);
    this.countChanges = this.addCountChanges(props);
    this.releaseDeadLetters = deadLetterQueue(this, 'ReleaseDeadLetters');
    this.releaseQueue = this.addReleaseQueue();
    this.releaseDependents = this.addReleaseDependents(props);

    this.releaseRule = this.addReleaseRule();
  }

  private addPublishChanges({ settings, storage, dispatch }: EventsProps): MusterFunction {
    const publishChanges = new MusterFunction(this, 'PublishChanges', {
      name: 'publish-changes',
      does: 'Publishes committed changes to the ready queue and the bus',
      settings,
      memoryMB: 512,
      timeout: Duration.seconds(60),
    })
      .usesTasks(storage.tasks, ['BatchGetItem', 'Query', 'UpdateItem'])
      .usesAgents(storage.agents, {
        agents: ['GetItem', 'BatchGetItem', 'UpdateItem'],
        lanes: ['BatchGetItem'],
        statistics: ['GetItem', 'UpdateItem'],
      })
      .sendsReadyTasksTo(dispatch.readyQueue)
      .sendsDeadLettersTo(this.changesDeadLetters)
      .publishesTo(this.bus, settings.publicEvents)
      .usesDurations(settings);
    // Wake-ups and events are not delayed.
    this.readsChanges(publishChanges, storage, { batchSize: 100 });
    return publishChanges;
  }

  /** Counts may be a second late; the more changes one write counts, the less each one costs. */
  private addCountChanges({ settings, storage }: EventsProps): MusterFunction {
    const countChanges = new MusterFunction(this, 'CountChanges', {
      name: 'count-changes',
      does: 'Counts committed changes for the statistics',
      settings,
      memoryMB: 512,
      timeout: Duration.seconds(60),
    })
      .usesTasks(storage.tasks, ['UpdateItem'])
      .usesAgents(storage.agents, { statistics: ['PutItem', 'UpdateItem'] })
      .sendsDeadLettersTo(this.changesDeadLetters);
    this.readsChanges(countChanges, storage, { batchSize: 1_000, maxBatchingWindow: Duration.seconds(1) });
    return countChanges;
  }

  /** Subscribes a function to task changes. DynamoDB allows two consumers per stream, and these are both. */
  private readsChanges(
    reader: MusterFunction,
    { tasks }: Storage,
    batching: Pick<DynamoEventSourceProps, 'batchSize' | 'maxBatchingWindow'>,
  ): void {
    reader.addEventSource(
      new DynamoEventSource(tasks, {
        ...batching,
        startingPosition: StartingPosition.TRIM_HORIZON,
        filters: [
          FilterCriteria.filter({
            eventName: FilterRule.or('INSERT', 'MODIFY'),
            dynamodb: { Keys: { sk: { S: FilterRule.or(taskSortKey) } } },
          }),
        ],
        // Only windowed events carry their shard id, which is needed to count changes exactly once. Nothing waits for
        // the end of the window, but each end costs one more invocation, so the window is long.
        tumblingWindow: Duration.seconds(60),
        // No retryAttempts and no maxRecordAge: AWS errors are retried until they pass. The function itself
        // dead-letters poison records with their content, which Lambda's own destination would not keep.
        bisectBatchOnError: true,
        reportBatchItemFailures: true,
      }),
    );
    acknowledge(
      reader,
      'The function dead-letters a poison record itself, with its content, which a destination of the mapping would not keep',
      'Serverless-LambdaEventSourceMappingDestination',
    );
    if (!reader.role) return;
    const reason = 'To read a stream, Lambda requires dynamodb:ListStreams, which supports no resource but *';
    acknowledge(reader.role, reason, 'AwsSolutions-IAM5[Resource::*]');
  }

  /** Unfinished releases: retried every few minutes for about ten hours, and only then dead-lettered. */
  private addReleaseQueue(): Queue {
    return new Queue(this, 'ReleaseQueue', {
      // Longer than the function runs. An unfinished message is redelivered afterward.
      visibilityTimeout: Duration.seconds(releaseTimeout.toSeconds() + 60),
      deadLetterQueue: { queue: this.releaseDeadLetters, maxReceiveCount: 100 },
      enforceSSL: true,
    });
  }

  private addReleaseDependents({ settings, storage }: EventsProps): MusterFunction {
    return (
      new MusterFunction(this, 'ReleaseDependents', {
        name: 'release-dependents',
        does: 'Releases or blocks the dependents of a task',
        settings,
        memoryMB: 512,
        timeout: releaseTimeout,
        // EventBridge only hands the event to Lambda. If the function fails, Lambda retries it twice within minutes and
        // no more; after that, the queue takes over.
        onAsyncEvent: {
          retryAttempts: 2,
          maxEventAge: Duration.hours(6),
          // The function may send to this queue anyway; SqsDestination would grant it more.
          onFailure: { bind: () => ({ destination: this.releaseQueue.queueArn }) },
        },
      })
        .usesTasks(storage.tasks, ['GetItem', 'BatchGetItem', 'Query', 'UpdateItem'])
        // A lane must be seen active before a task is released into it.
        .usesAgents(storage.agents, { lanes: ['GetItem', 'UpdateItem'], activeLanes: ['PutItem'] })
        .sendsReleasesTo(this.releaseQueue)
        .takesMessagesOf(this.releaseQueue, { batchSize: 1, maxConcurrency: 5 })
        .usesDurations(settings)
    );
  }

  /** How long the oldest task change has waited to be published, in milliseconds. */
  metricDelay(options?: MetricOptions): Metric {
    return this.publishChanges.metric('IteratorAge', { statistic: 'Maximum', ...options });
  }

  /** How long the oldest task change has waited to be counted, in milliseconds. */
  metricCountDelay(options?: MetricOptions): Metric {
    return this.countChanges.metric('IteratorAge', { statistic: 'Maximum', ...options });
  }

  private addReleaseRule(): Rule {
    const target = new LambdaFunction(this.releaseDependents, {
      deadLetterQueue: this.releaseDeadLetters,
      retryAttempts: 185,
      maxEventAge: Duration.hours(24),
    });
    return new Rule(this, 'OnRelease', {
      description: 'A task has dependents that do not reflect its status yet',
      eventBus: this.bus,
      eventPattern: { source: [releaseEvent.source], detailType: [releaseEvent.type] },
      targets: [target],
    });
  }
}
