import { chosenKind, missingFor, startDynamoDb, type DynamoDbAddress } from '#local/engines/dynamodb.ts';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    dynamodbLocal: DynamoDbAddress | undefined;
  }
}

/**
 * Runs one DynamoDB Local for all files of a project that uses it: starting Java costs more than running most files.
 */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (chosenKind() !== 'dynamodb-local' || missingFor('dynamodb-local') !== undefined) return undefined;
  const engine = await startDynamoDb({ kind: 'dynamodb-local' });
  project.provide('dynamodbLocal', { url: engine.url, keyId: engine.keyId });
  return () => engine.stop();
}
