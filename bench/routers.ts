import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { clientSettings } from '#local/edge/aws-client.ts';
import { awsAnswer } from '#local/edge/call.ts';
import type { Muster } from '#local/start.ts';
import { connect, openTables } from '#shared/adapters/connect.ts';
import { routeReadyTasks } from '#shared/reactions/route-ready-tasks.ts';
import { functionNamed } from './laboratory.ts';

/** The edge's name for the routers below: they have the role of the template's router, which gets nothing to do. */
export const routerOf = (muster: Muster): string => functionNamed(muster, 'route-ready-tasks');

/**
 * Creates routers, each as if in its own process, to be run by the bench. From now on, wake-ups for the template's
 * router are lost.
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
