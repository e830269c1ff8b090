import type { Attributes } from '@opentelemetry/api';
import type { ClaimedTask, Metrics } from '../types.ts';
import type { Identity } from './identity.ts';

/** The span for working on a task. */
export const processOf = ({ task_id, task_type, attempt, traceparent }: ClaimedTask, self: Identity) => ({
  operation: 'process',
  type: 'process' as const,
  destination: task_type,
  origin: traceparent,
  attributes: {
    'messaging.message.id': task_id,
    'messaging.consumer.group.name': self.agent_id,
    'messaging.client.id': self.instance,
    'muster.attempt': attempt,
  },
});

/** The token counts that a handler has reported, in terms of OpenTelemetry's conventions for generative AI. */
export function usageIn({ input_tokens, output_tokens }: Metrics): Attributes {
  return {
    ...(typeof input_tokens === 'number' && { 'gen_ai.usage.input_tokens': input_tokens }),
    ...(typeof output_tokens === 'number' && { 'gen_ai.usage.output_tokens': output_tokens }),
  };
}
