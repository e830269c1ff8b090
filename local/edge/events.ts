import { awsAnswer, awsError, type AwsBackend } from './call.ts';
import { keyOf, type Meter } from './meter.ts';

/** An entry of PutEvents in wire format. */
export interface EventEntry {
  Source?: string;
  DetailType?: string;
  /** JSON text of an object. */
  Detail?: string;
  /** Name or ARN; absent for the default bus. */
  EventBusName?: string;
  /** Epoch seconds. */
  Time?: number;
  Resources?: string[];
}

/** The outcome of one entry: an id, or why it was refused. */
export interface PutEventsResult {
  EventId?: string;
  ErrorCode?: string;
  ErrorMessage?: string;
}

/** Accepts well-formed events; one result for each, in order. */
export type PutEvents = (entries: EventEntry[]) => Promise<PutEventsResult[]>;

const maxEntries = 10;
const maxBytes = 1024 * 1024;
const chunkBytes = 64 * 1024;

/** Serves EventBridge's PutEvents: validates the events as EventBridge does, and meters the accepted ones. */
export function serveEvents(putEvents: PutEvents, meter: Meter): AwsBackend {
  return async (call) => {
    if (call.action !== 'PutEvents') {
      return awsError(
        'UnknownOperationException',
        `The AWS edge supports only PutEvents of EventBridge, not ${call.action}.`,
      );
    }
    const entries = (call.body['Entries'] ?? []) as EventEntry[];
    if (entries.length < 1 || entries.length > maxEntries) {
      return awsError('ValidationException', `PutEvents takes 1 to ${maxEntries} entries, not ${entries.length}.`);
    }
    if (entries.reduce((sum, entry) => sum + entryBytes(entry), 0) > maxBytes) {
      return awsError('ValidationException', 'Total size of the entries in the request is over the limit.');
    }

    const refusals = entries.map(refusalOf);
    const taken = await putEvents(entries.filter((_, ordinal) => !refusals[ordinal]));
    const results = refusals.map((refusal) => refusal ?? taken.shift() ?? { ErrorCode: 'InternalFailure' });

    const events = entries.map((entry, ordinal) =>
      results[ordinal]?.EventId ? Math.ceil(entryBytes(entry) / chunkBytes) : 0,
    );
    meter.count(keyOf(call), { calls: 1, events: events.reduce((sum, one) => sum + one, 0) });
    return awsAnswer(200, {
      FailedEntryCount: results.filter((result) => result.ErrorCode !== undefined).length,
      Entries: results,
    });
  };
}

function refusalOf(entry: EventEntry): PutEventsResult | undefined {
  for (const name of ['Source', 'DetailType', 'Detail'] as const) {
    if (!entry[name])
      return {
        ErrorCode: 'InvalidArgument',
        ErrorMessage: `Parameter ${name} is not valid. Reason: it is a required argument.`,
      };
  }
  return isObject(entry.Detail ?? '')
    ? undefined
    : { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
}

function isObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** The size that EventBridge limits and bills ("Calculating EventBridge event entry size" in its user guide). */
function entryBytes({ Time, Source = '', DetailType = '', Detail = '', Resources = [] }: EventEntry): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), Time === undefined ? 0 : 14);
}
