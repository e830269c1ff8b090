import { countChanges } from '#shared/reactions/count-changes.ts';
import { publishChanges, type ChangeBatch } from '#shared/reactions/publish-changes.ts';
import type { TestPorts } from './test-ports.ts';

/** What the stream consumers do with a batch: it is counted, and its consequences are carried out. */
export async function followChanges(ports: TestPorts, batch: ChangeBatch): Promise<void> {
  await countChanges(ports, batch);
  await publishChanges(ports, batch);
}
