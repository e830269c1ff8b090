import { QueueSource } from './queue-source.ts';
import type { Source, SourceSettings } from './source.ts';
import { streamedTable } from '../storage/tables.ts';
import { StreamSource } from './stream-source.ts';

/** Starts every event source mapping of the template, or none where one of them is refused. */
export function startSources(settings: SourceSettings): Source[] {
  const { template } = settings;
  const streamed = new Set<string>();
  const starts = template.all('AWS::Lambda::EventSourceMapping').map((mapping): (() => Source) => {
    const { EventSourceArn } = mapping.properties;
    const queue = template.find('AWS::SQS::Queue', EventSourceArn);
    if (queue) return () => new QueueSource(mapping, queue, settings);
    const table = streamedTable(template, mapping);
    if (streamed.has(table)) {
      throw new Error(
        `${mapping.logicalId} is the second mapping of the stream of ${table}, which local/ trims after the first. ` +
          'Keep the position of the slowest in local/sources/.',
      );
    }
    streamed.add(table);
    return () => new StreamSource(mapping, table, settings);
  });
  return starts.map((start) => start());
}
