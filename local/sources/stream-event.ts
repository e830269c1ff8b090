import { region } from '../template/aws.ts';

/** A stream record as it comes over the wire. */
export interface WireRecord {
  dynamodb?: { SequenceNumber?: string; SizeBytes?: number; ApproximateCreationDateTime?: number };
}

/** A stream record as a function sees it. */
export interface StreamRecord {
  eventName: string | undefined;
  dynamodb: { SequenceNumber: string; ApproximateCreationDateTime: number };
}

/**
 * Turns a record of the engine into what Lambda passes on.
 * @param eventSourceArn the stream as the template names it
 * @param offsetMs by how much the functions' clock is ahead of the engine's
 */
export function toStreamRecord(record: WireRecord, eventSourceArn: string, offsetMs: number): StreamRecord {
  const change = record.dynamodb ?? {};
  const created = (change.ApproximateCreationDateTime ?? 0) * 1000 + offsetMs;
  return {
    ...record,
    awsRegion: region,
    dynamodb: {
      ...change,
      SequenceNumber: change.SequenceNumber ?? '',
      ApproximateCreationDateTime: Math.floor(created / 1000),
    },
    eventSourceARN: eventSourceArn,
  } as unknown as StreamRecord;
}
