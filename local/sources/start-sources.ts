import { QueueSource } from './queue-source.ts';
import type { Source, SourceSettings } from './source.ts';
import { StreamSource } from './stream-source.ts';

/** Starts every event source mapping of the template. */
export function startSources(settings: SourceSettings): Source[] {
  const { template } = settings;
  const streamed = new Set<string>();
  return template.all('AWS::Lambda::EventSourceMapping').map((mapping) => {
    const { EventSourceArn } = mapping.properties;
    const queue = template.find('AWS::SQS::Queue', EventSourceArn);
    if (queue) return new QueueSource(mapping, queue, settings);
    const table = template.get('AWS::DynamoDB::Table', EventSourceArn, mapping.logicalId);
    if (streamed.has(table.ref)) {
      throw new Error(
        `${mapping.logicalId} is the second mapping of the stream of ${table.logicalId}, which local/ trims after the first. ` +
          'Keep the position of the slowest in local/sources/.',
      );
    }
    streamed.add(table.ref);
    return new StreamSource(mapping, table.ref, settings);
  });
}
