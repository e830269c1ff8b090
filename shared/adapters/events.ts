import { PutEventsCommand, type EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { batchesOf } from '../batches.ts';
import { busy, entryRefused } from './aws-errors.ts';
import type { Events } from '../ports.ts';
import { eventSource, releaseEvent } from '../schema.ts';

const eventsPerCall = 10;

/** The port Events on an EventBridge bus. */
export class EventBridgeEvents implements Events {
  readonly #client: EventBridgeClient;
  readonly #busName: string;

  constructor(client: EventBridgeClient, busName: string) {
    this.#client = client;
    this.#busName = busName;
  }

  async publish(events: Parameters<Events['publish']>[0]): Promise<void> {
    const entries = events.map(({ type, detail }) => ({
      EventBusName: this.#busName,
      Source: type === releaseEvent.type ? releaseEvent.source : eventSource,
      DetailType: type,
      ...('occurred_at' in detail && { Time: new Date(detail.occurred_at) }),
      Detail: JSON.stringify(detail),
    }));
    for (const batch of batchesOf(entries, eventsPerCall)) {
      const answer = await this.#client.send(new PutEventsCommand({ Entries: batch }));
      if ((answer.FailedEntryCount ?? 0) === 0) continue;
      const refused = answer.Entries?.find((entry) => entry.ErrorCode !== undefined);
      const message = `EventBridge refused ${answer.FailedEntryCount} events: ${refused?.ErrorCode} ${refused?.ErrorMessage}`;
      const isPermanent = /AccessDenied|NotAuthorized|InvalidArgument|Malformed/.test(refused?.ErrorCode ?? '');
      throw isPermanent ? entryRefused(refused?.ErrorCode ?? '', message) : busy(message);
    }
  }
}
