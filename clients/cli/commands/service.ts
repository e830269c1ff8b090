import type { Command } from 'commander';
import type { OutputOf } from '../../sdk/index.ts';
import { exitCodes } from '../failure.ts';
import { addOperation } from '../operation-command.ts';
import { talk } from '../session.ts';
import { details } from '../views/details.ts';
import { StatusLine } from '../views/status-line.ts';
import { inWordsOfCommands, performs } from '../words.ts';

/** Commands about the service as a whole. */
export function addServiceCommands(program: Command): void {
  const stats = program.command('stats').description('Queue, fleet and routing statistics');
  addOperation(stats, {
    name: 'queue',
    operation: 'get_queue_statistics',
    isDefault: true,
    show: (queue) => details(withoutIdleMinutes(queue)),
  });
  addOperation(stats, { name: 'agents', operation: 'get_agent_statistics', show: details });
  addOperation(stats, { name: 'routing', operation: 'get_routing_statistics', show: details });
  addOperation(program, {
    name: 'recommendations',
    operation: 'get_recommendations',
    show: ({ recommendations }) =>
      recommendations.length === 0
        ? 'No recommendations.'
        : recommendations.map((one) => details({ ...one, message: inWordsOfCommands(one.message) })).join('\n\n'),
  });
  addHealth(program);
  addRecount(program);
}

function withoutIdleMinutes({ per_minute: minutes, ...queue }: OutputOf<'get_queue_statistics'>) {
  const eventful = minutes.filter(({ minute: _minute, ...counts }) => Object.values(counts).some((count) => count > 0));
  return { ...queue, per_minute: eventful };
}

/** The server reads nothing in the first seconds of a recount, and waits for its statistics to catch up. */
const betweenPagesMs = 1000;

function addRecount(program: Command): void {
  performs('recount', program.command('recount'))
    .summary('Recount the open tasks')
    .description(
      `Recounts the waiting, blocked, pending, assigned and running tasks while work continues; takes at least 15 seconds.
Totals of ended tasks do not change. Requires an admin key.`,
    )
    .action(
      talk(async ({ client, output }) => {
        const status = new StatusLine();
        let { tasks, next_cursor: cursor } = await client.recount();
        while (cursor !== undefined) {
          status.show(`Recounting: ${tasks} tasks so far`);
          await new Promise((resolve) => setTimeout(resolve, betweenPagesMs));
          const page = await client.recount({ cursor });
          tasks += page.tasks;
          cursor = page.next_cursor;
        }
        status.end();
        const queue = await client.getQueueStatistics();
        output.answer({ tasks, queue }, () => details({ looked_at: tasks, ...withoutIdleMinutes(queue) }));
      }),
    );
}

function addHealth(program: Command): void {
  performs('get_health', program.command('health'))
    .summary('Check system health: queue, agents and routing')
    .description(
      `Checks system health: queue, agents and routing.
Exits with 0 when healthy, with ${exitCodes.unsuccessful} when degraded.`,
    )
    .action(
      talk(async ({ client, output }) => {
        const health = await client.getHealth();
        const { reasons } = health;
        output.answer(health, () => details({ ...health, reasons: reasons.map(inWordsOfCommands) }));
        if (health.status !== 'healthy') process.exitCode = exitCodes.unsuccessful;
      }),
    );
}
