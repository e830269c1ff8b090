import type { EventBridgeEvent } from 'aws-lambda';
import { connect } from '#shared/adapters/connect.ts';
import type { Status } from '#shared/contract/nouns.ts';
import { releaseDependents } from '#shared/reactions/release-dependents.ts';
import { eventPipeline } from './events/event-pipeline.ts';

const ports = connect(process.env);

/** A task that others depend on has ended or is retried. */
export const handler = eventPipeline<EventBridgeEvent<string, { task_id: string; status: Status }>>(({ detail }) =>
  releaseDependents(ports, { id: detail.task_id, status: detail.status }),
);
