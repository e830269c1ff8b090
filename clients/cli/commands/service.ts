import type { Command } from 'commander';
import { exitCodes } from '../failure.ts';
import { addOperation } from '../operation-command.ts';
import { talk } from '../session.ts';
import { details } from '../views/details.ts';
import { inWordsOfCommands, performs } from '../words.ts';

/** Commands about the whole of it. */
export function addServiceCommands(program: Command): void {
  const stats = program.command('stats').description('Count the tasks, and see how busy the agents are');
  addOperation(stats, { name: 'queue', operation: 'get_queue_statistics', isDefault: true, show: details });
  addOperation(stats, { name: 'agents', operation: 'get_agent_statistics', show: details });
  addOperation(stats, { name: 'routing', operation: 'get_routing_statistics', show: details });
  addOperation(program, {
    name: 'recommendations',
    operation: 'get_recommendations',
    show: ({ recommendations }) =>
      recommendations.length === 0
        ? 'None: work flows well.'
        : recommendations.map((one) => details({ ...one, message: inWordsOfCommands(one.message) })).join('\n\n'),
  });
  addHealth(program);
}

function addHealth(program: Command): void {
  performs('get_health', program.command('health'))
    .summary('See whether work flows: queue, agents and routing in one answer')
    .description(
      `Shows whether work flows: queue, agents and routing in one answer.
Ends with 0 when it is healthy, with ${exitCodes.unsuccessful} when it is degraded.`,
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
