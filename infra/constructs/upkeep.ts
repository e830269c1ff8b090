import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { workIndex } from '#shared/schema.ts';
import type { Settings } from '../defaults.ts';
import { acknowledge } from './acknowledge.ts';
import type { Dispatch } from './dispatch.ts';
import { MusterFunction } from './function.ts';
import type { Storage } from './storage.ts';

interface UpkeepProps {
  settings: Settings;
  storage: Storage;
  dispatch: Dispatch;
}

/** Everything that is triggered by time instead of a change: leases, delays, timeouts, lost wake-ups, retention. */
export class Upkeep extends Construct {
  readonly sweep: MusterFunction;
  readonly everyMinute: Rule;

  constructor(scope: Construct, id: string, { settings, storage, dispatch }: UpkeepProps) {
    super(scope, id);
    this.sweep = new MusterFunction(this, 'Sweep', {
      name: 'sweep',
      does: 'Handles what is due: expired leases, delays, timeouts, lost wake-ups, retention',
      settings,
      memoryMB: 512,
      timeout: Duration.seconds(55),
      // Whatever this sweep misses, the next one does a minute later.
      onAsyncEvent: { retryAttempts: 0, maxEventAge: Duration.minutes(1) },
    })
      .usesTasks(
        storage.tasks,
        ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
        [workIndex],
      )
      .usesAgents(storage.agents, {
        agents: ['GetItem', 'BatchGetItem', 'UpdateItem', 'DeleteItem'],
        directory: ['Query', 'DeleteItem'],
        members: ['Query', 'PutItem', 'DeleteItem'],
        lanes: ['GetItem', 'BatchGetItem', 'Query', 'UpdateItem'],
        activeLanes: ['Query', 'PutItem', 'DeleteItem'],
        statistics: ['GetItem', 'Query', 'PutItem', 'UpdateItem'],
        format: ['UpdateItem'],
      })
      .sendsReadyTasksTo(dispatch.readyQueue)
      .usesDurations(settings);

    this.everyMinute = new Rule(this, 'EveryMinute', {
      description: 'Runs the sweep',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaFunction(this.sweep, { retryAttempts: 0, maxEventAge: Duration.minutes(1) })],
    });
    acknowledge(
      this,
      'The next sweep, a minute later, does what a failed one did not: there is nothing in the event to keep',
      'Serverless-LambdaAsyncFailureDestination',
      'Serverless-EventBusDLQ',
    );
  }
}
