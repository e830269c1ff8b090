import { Duration } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { workIndex } from '#shared/schema.ts';
import type { Settings } from '../defaults.ts';
import { MusterFunction } from './function.ts';
import { deadLetterQueue } from './queues.ts';
import type { Storage } from './storage.ts';

/** The path from a ready task to an agent: the ready queue, and the function that assigns the tasks it names. */
export class Dispatch extends Construct {
  readonly readyQueue: Queue;
  readonly readyDeadLetters: Queue;
  readonly routeReadyTasks: MusterFunction;

  constructor(scope: Construct, id: string, { settings, storage }: { settings: Settings; storage: Storage }) {
    super(scope, id);
    const timeout = Duration.seconds(10);

    this.readyDeadLetters = deadLetterQueue(this, 'ReadyDeadLetters');
    this.readyQueue = new Queue(this, 'ReadyQueue', {
      // AWS recommends six times the timeout, so that a throttled batch is not delivered twice.
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
      .usesTasks(storage.tasks, ['BatchGetItem', 'UpdateItem'], [workIndex])
      .usesAgents(storage.agents, {
        agents: ['GetItem', 'BatchGetItem', 'UpdateItem'],
        members: ['Query'],
        lanes: ['GetItem', 'BatchGetItem', 'UpdateItem'],
        activeLanes: ['Query', 'PutItem'],
        statistics: ['GetItem'],
      })
      // To resend messages that arrive early, and to offer other work to an agent whose slot an offer blocked in vain.
      .sendsReadyTasksTo(this.readyQueue)
      // A burst must not take all of the account's concurrency from the API; waiting tasks are assigned or claimed a
      // moment later.
      .takesMessagesOf(this.readyQueue, { batchSize: 10, maxConcurrency: settings.routerConcurrency })
      .usesDurations(settings);
  }
}
