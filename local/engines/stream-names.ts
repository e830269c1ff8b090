/**
 * The table in the ARN that an engine gives to a stream: `arn:...:table/<table>/stream/<label>`. undefined when it is none.
 */
export function tableOfStream(streamArn: string): string | undefined {
  const [, table, kind] = streamArn.split('/');
  return kind === 'stream' ? table : undefined;
}

/**
 * The table whose stream a shard iterator reads. On DynamoDB Local, as on AWS, an iterator begins with the ARN of the stream;
 * that of dynoxide is JSON. undefined when it is neither.
 */
export function tableOfIterator(iterator: string): string | undefined {
  if (iterator.startsWith('arn:')) return tableOfStream(iterator);
  try {
    return (JSON.parse(Buffer.from(iterator, 'base64').toString()) as { table_name?: string }).table_name;
  } catch {
    return undefined;
  }
}
