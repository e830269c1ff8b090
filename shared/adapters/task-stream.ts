import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import type { TaskChange } from '../domain/task-change.ts';
import { traceIdOf } from '../contract/trace-context.ts';
import type { Payload } from '../domain/task.ts';
import { idOf } from './item-keys.ts';
import { taskAttributes, toTaskRecord } from './task-item.ts';

/**
 * The task change in a stream record.
 * @throws Error if it contains none: such a record can never be processed
 */
export function taskChange(record: DynamoDBRecord): TaskChange & { sequenceNumber: string } {
  const { SequenceNumber: sequenceNumber, OldImage, NewImage, ApproximateCreationDateTime } = record.dynamodb ?? {};
  if (record.eventID === undefined || sequenceNumber === undefined)
    throw new Error('The record has no id or no sequence number.');
  // A stream record lives for a day: what it shows existed, whatever its retention says now.
  const image = (values: typeof NewImage) =>
    values && toTaskRecord(unmarshall(values as Record<string, AttributeValue>), 0);
  const at = (ApproximateCreationDateTime ?? 0) * 1000;
  return { id: record.eventID, at, sequenceNumber, before: image(OldImage), after: image(NewImage) };
}

/**
 * The task of a record and, if it is stored inline, its trace, for logs; even if the record contains no valid change.
 */
export function namesInRecord({ dynamodb: { Keys, NewImage, OldImage } = {} }: DynamoDBRecord) {
  const key = Keys?.['pk']?.S;
  const payload = (NewImage ?? OldImage)?.[taskAttributes.payload]?.S;
  return { task_id: key === undefined ? undefined : idOf(key), trace_id: traceIn(payload) };
}

function traceIn(payload: string | undefined): string | undefined {
  try {
    return payload === undefined ? undefined : traceIdOf((JSON.parse(payload) as Payload).traceparent);
  } catch {
    return undefined;
  }
}
