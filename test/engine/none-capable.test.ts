import { expect, test } from 'vitest';
import { submitGraph } from '#shared/operations/graphs/submit-graph.ts';
import { lanesNow } from '#shared/steps/overview.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { TestPorts } from '../support/test-ports.ts';

describeOnEngine('that no agent is capable', createMusterTables, (context) => {
  const dryRun = (ports: TestPorts, requirements: readonly string[]) =>
    ports.perform(submitGraph, { tasks: [{ key: 'a', content: 'work', requirements }], dry_run: true });

  test('is not said after one has registered since this process last looked', async () => {
    const ports = new TestPorts(context);
    const other = ports.another();
    await ports.create({ requirements: ['python'] });
    expect(await dryRun(other, ['python'])).toMatchObject({ unroutable: [{ key: 'a' }] });
    expect(await lanesNow(other)).toMatchObject({ stuckLanes: 1 });
    await ports.register('ada', ['python']);
    expect(await dryRun(other, ['python'])).toMatchObject({ unroutable: [] });
    expect(await lanesNow(other)).toMatchObject({ stuckLanes: 0 });
  });

  test('is not said if it may only be missing from the sample', async () => {
    const ports = new TestPorts(context);
    for (let n = 0; n < 30; n += 1) {
      await ports.register(`python-${n}`, ['python']);
      await ports.register(`rust-${n}`, ['rust']);
    }
    await ports.register('both', ['python', 'rust']);
    for (let n = 0; n < 3; n += 1)
      expect(await dryRun(ports.another(), ['python', 'rust'])).toMatchObject({ unroutable: [] });
  });
});
