import { Duration } from 'aws-cdk-lib';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { workIndex } from '#shared/schema.ts';
import type { Settings } from '../props.ts';
import { acknowledge } from './acknowledge.ts';
import { MusterFunction } from './function.ts';
import { deadLetterQueue } from './queues.ts';
import type { Storage } from './storage.ts';

/** The way from a ready task to an agent: the ready queue and the function that assigns what it names. */
export class Dispatch extends Construct {
  readonly readyQueue: Queue;
  readonly readyDeadLetters: Queue;
  readonly routeReadyTasks: MusterFunction;

  constructor(scope: Construct, id: string, { settings, storage }: { settings: Settings; storage: Storage }) {
    super(scope, id);
    const timeout = Duration.seconds(10);

    this.readyDeadLetters = deadLetterQueue(this, 'ReadyDeadLetters');
    this.readyQueue = new Queue(this, 'ReadyQueue', {
      // AWS advises six times the timeout, so that a throttled batch is not delivered twice.
      visibilityTimeout: Duration.seconds(6 * timeout.toSeconds()),
      deadLetterQueue: { queue: this.readyDeadLetters, maxReceiveCount: 5 },
      enforceSSL: true,
    });

    this.routeReadyTasks = new MusterFunction(this, 'RouteReadyTasks', {
      name: 'route-ready-tasks',
      does: 'Assigns ready tasks to the best capable agents',
      settings,
      memoryMB: 512,
      timeout,
    })
      .usesTasks(storage.tasks, ['GetItem', 'BatchGetItem', 'UpdateItem'], [workIndex])
      .usesAgents(storage.agents, ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem'])
      .usesDurations(settings);
    this.routeReadyTasks.addEventSource(
      new SqsEventSource(this.readyQueue, {
        batchSize: 10,
        // A burst must not take the account's whole concurrency from the API; what waits is assigned or claimed a moment later.
        maxConcurrency: settings.routerConcurrency,
        reportBatchItemFailures: true,
      }),
    );
    acknowledge(
      this.routeReadyTasks,
      'A message that fails goes to the dead letters by the redrive policy of its queue',
      'Serverless-LambdaEventSourceMappingDestination',
    );
  }
}
