/** The table in an engine's stream ARN, `arn:...:table/<table>/stream/<label>`; undefined if it is not one. */
export function tableOfStream(streamArn: string): string | undefined {
  const [, table, kind] = streamArn.split('/');
  return kind === 'stream' ? table : undefined;
}

/**
 * The table whose stream a shard iterator reads. On DynamoDB Local, as on AWS, an iterator begins with the ARN of the
 * stream; dynoxide's is JSON. Undefined if it is neither.
 */
export function tableOfIterator(iterator: string): string | undefined {
  if (iterator.startsWith('arn:')) return tableOfStream(iterator);
  try {
    return (JSON.parse(Buffer.from(iterator, 'base64').toString()) as { table_name?: string }).table_name;
  } catch {
    return undefined;
  }
}
