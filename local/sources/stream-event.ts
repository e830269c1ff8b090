import { region } from '../template/aws.ts';

/** A stream record in wire format. */
export interface WireRecord {
  dynamodb?: { SequenceNumber?: string; SizeBytes?: number; ApproximateCreationDateTime?: number };
}

/** A stream record as a function sees it. */
export interface StreamRecord {
  eventName: string | undefined;
  dynamodb: { SequenceNumber: string; ApproximateCreationDateTime: number };
}

/**
 * Converts an engine's record to what Lambda passes to a function.
 * @param eventSourceArn the stream's ARN in the template
 * @param offsetMs how far the functions' clock is ahead of the engine's
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
