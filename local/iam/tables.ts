import { primaryKey } from '#shared/schema.ts';
import { tableOfStream } from '../engines/stream-names.ts';
import { arn } from '../template/aws.ts';
import type { Template } from '../template/template.ts';

/** What the conditions and resources of policies say about tables. */
export interface Tables {
  /** The attribute that is the partition key of a table, or of an index of it. */
  partitionKey(table: string, index?: string): string;
  /** The ARN of the stream of a table, as the template has it: engines name streams in their own way. */
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
    // A table that the template does not make is one that it takes over from another stage.
    partitionKey: (table, index) => keys.get(index === undefined ? table : `${table}/${index}`) ?? primaryKey.partition,
    streamArn: (table) => streams.get(table) ?? arn('dynamodb', `table/${table}/stream/local`),
  };
}
