import type { _Record } from '@aws-sdk/client-dynamodb-streams';
import { region } from '../template/aws.ts';

/** A stream record as a function sees it. */
export interface StreamRecord {
  eventName: string | undefined;
  dynamodb: { SequenceNumber: string; ApproximateCreationDateTime: number };
}

/**
 * Turns a record of the SDK into what Lambda passes on.
 * @param eventSourceArn the stream as the template names it
 * @param offsetMs by how much the functions' clock is ahead of the engine's
 */
export function toStreamRecord(record: _Record, eventSourceArn: string, offsetMs: number): StreamRecord {
  const change = record.dynamodb ?? {};
  const created = (change.ApproximateCreationDateTime?.getTime() ?? 0) + offsetMs;
  return {
    ...(toWire(record) as object),
    eventName: record.eventName,
    awsRegion: region,
    dynamodb: {
      ...(toWire(change) as object),
      SequenceNumber: change.SequenceNumber ?? '',
      ApproximateCreationDateTime: Math.floor(created / 1000),
    },
    eventSourceARN: eventSourceArn,
  } as StreamRecord;
}

/** Binary values as base64, as they are in an event. */
function toWire(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(toWire);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, toWire(part)]));
}
