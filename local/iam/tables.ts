import { primaryKey } from '#shared/schema.ts';
import { tableOfStream } from '../engines/stream-names.ts';
import { arn } from '../template/aws.ts';
import type { Template } from '../template/template.ts';

/** The facts about tables that policy conditions and resources depend on. */
export interface Tables {
  /** The partition key attribute of a table, or of one of its indexes. */
  partitionKey(table: string, index?: string): string;
  /** The ARN of a table's stream in the template; engines name streams differently. */
  streamArn(table: string): string;
}

export function tablesOf(template: Template): Tables {
  const partitionOf = (schema: { AttributeName: string; KeyType: string }[]) =>
    schema.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName ?? '';
  const keys = new Map<string, string>();
  for (const { ref, properties } of template.all('AWS::DynamoDB::Table')) {
    keys.set(ref, partitionOf(properties.KeySchema));
    for (const { IndexName, KeySchema } of properties.GlobalSecondaryIndexes ?? []) {
      keys.set(`${ref}/${IndexName}`, partitionOf(KeySchema));
    }
  }
  const mappings = template.all('AWS::Lambda::EventSourceMapping').map(({ properties }) => properties.EventSourceArn);
  const streams = new Map(mappings.map((source) => [tableOfStream(source), source]));
  return {
    // A table that the template does not create is one taken over from another stage.
    partitionKey: (table, index) => keys.get(index === undefined ? table : `${table}/${index}`) ?? primaryKey.partition,
    streamArn: (table) => streams.get(table) ?? arn('dynamodb', `table/${table}/stream/local`),
  };
}
