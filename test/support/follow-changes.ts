import { countChanges } from '#shared/reactions/count-changes.ts';
import { publishChanges, type ChangeBatch } from '#shared/reactions/publish-changes.ts';
import type { TestPorts } from './test-ports.ts';

/** What the readers of the stream make of a batch: it is counted, and what follows from it is done. */
export async function followChanges(ports: TestPorts, batch: ChangeBatch): Promise<void> {
  await countChanges(ports, batch);
  await publishChanges(ports, batch);
}
