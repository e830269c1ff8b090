import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { clientSettings } from '#local/edge/aws-client.ts';
import { awsAnswer } from '#local/edge/call.ts';
import type { Muster } from '#local/start.ts';
import { connect, openTables } from '#shared/adapters/connect.ts';
import { routeReadyTasks } from '#shared/reactions/route-ready-tasks.ts';
import { functionNamed } from './laboratory.ts';

/** By which the edge knows the routers below: they have the role of the template's, which gets nothing to do. */
export const routerOf = (muster: Muster): string => functionNamed(muster, 'route-ready-tasks');

/**
 * As many routers as are wanted, each as if in a process of its own, to be run when the bench wants it: the wake-ups to the
 * router of the template are lost from now on.
 */
export function ownRouters(muster: Muster, count: number): ((taskIds: readonly string[]) => Promise<void>)[] {
  muster.edge.intercept(async (call, next) =>
    call.service === 'sqs' && call.action === 'SendMessageBatch'
      ? awsAnswer(200, { Successful: [], Failed: [] })
      : next(),
  );
  const router = routerOf(muster);
  const { properties } = muster.template.get('AWS::Lambda::Function', router, 'The bench');
  const environment = properties.Environment?.Variables ?? {};
  return Array.from({ length: count }, () => {
    const client = new DynamoDBClient(clientSettings(muster.edge, router));
    const ports = connect(environment, openTables(environment, client));
    return (taskIds) =>
      routeReadyTasks(
        ports,
        taskIds.map((task_id) => ({ task_id })),
      );
  });
}
