import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Api } from './constructs/api.ts';
import { Dispatch } from './constructs/dispatch.ts';
import { Events } from './constructs/events.ts';
import { Monitoring } from './constructs/monitoring.ts';
import { Storage } from './constructs/storage.ts';
import { Upkeep } from './constructs/upkeep.ts';
import type { Settings } from './settings.ts';

/** Everything that Muster deploys for one stage. */
export class MusterStack extends Stack {
  constructor(scope: Construct, id: string, { settings }: { settings: Settings }) {
    super(scope, id, {
      description: `Muster: multi-agent task orchestration, stage ${settings.stage}`,
      terminationProtection: settings.stage === 'prod',
    });

    const storage = new Storage(this, 'Storage', { settings });
    const dispatch = new Dispatch(this, 'Dispatch', { settings, storage });
    const events = new Events(this, 'Events', { settings, storage, dispatch });
    const api = new Api(this, 'Api', { settings, storage, dispatch });
    const upkeep = new Upkeep(this, 'Upkeep', { settings, storage, dispatch });
    new Monitoring(this, 'Monitoring', { settings, dispatch, events, api, upkeep });

    this.output({
      ApiUrl: api.url,
      Region: this.region,
      TasksTable: storage.tasks.tableName,
      AgentsTable: storage.agents.tableName,
      BusName: events.bus.eventBusName,
      ReadyQueueUrl: dispatch.readyQueue.queueUrl,
      ReadyDeadLettersUrl: dispatch.readyDeadLetters.queueUrl,
      ChangesDeadLettersUrl: events.changesDeadLetters.queueUrl,
      ReleaseDeadLettersUrl: events.releaseDeadLetters.queueUrl,
    });
  }

  /** What people and scripts look up after a deployment, by these names. */
  private output(values: Record<string, string>): void {
    for (const [name, value] of Object.entries(values)) new CfnOutput(this, name, { value });
  }
}
