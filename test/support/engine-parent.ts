/** A process that starts an engine and waits to be killed: `node engine-parent.ts <kind> <folder>`. */
import { startDynamoDb, type DynamoDbKind } from '#local/engines/dynamodb.ts';

const [, , kind, folder] = process.argv as [string, string, DynamoDbKind, string];
const { pid, url, keyId } = await startDynamoDb({ kind, folder });
process.stdout.write(JSON.stringify({ pid, url, keyId }));
