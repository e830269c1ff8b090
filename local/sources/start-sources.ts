import { QueueSource } from './queue-source.ts';
import type { Source, SourceSettings } from './source.ts';
import { streamedTable } from '../storage/tables.ts';
import { StreamSource } from './stream-source.ts';
import { StreamTrim } from './stream-trim.ts';

/** Starts every event source mapping of the template; if one of them is refused, none. */
export function startSources(settings: SourceSettings): Source[] {
  const { template } = settings;
  const trims = new Map<string, StreamTrim>();
  const starts = template.all('AWS::Lambda::EventSourceMapping').map((mapping): (() => Source) => {
    const { EventSourceArn } = mapping.properties;
    const queue = template.find('AWS::SQS::Queue', EventSourceArn);
    if (queue) return () => new QueueSource(mapping, queue, settings);
    const table = streamedTable(template, mapping);
    const trim = trims.get(table) ?? new StreamTrim((last) => settings.trimStream(table, last));
    trims.set(table, trim);
    trim.add(mapping.logicalId);
    return () => new StreamSource(mapping, table, settings, (last) => trim.passed(mapping.logicalId, last));
  });
  return starts.map((start) => start());
}
