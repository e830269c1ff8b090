import { operator } from '../edge/aws-client.ts';
import { callEdge, type LocalEdge } from '../edge/call-edge.ts';
import type { Template } from '../template/template.ts';

const attributeNames = [
  'DelaySeconds',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'VisibilityTimeout',
] as const;

/** Creates the queues of the template and their dead-letter queues. */
export async function createQueues(template: Template, edge: LocalEdge): Promise<void> {
  for (const { attributes, properties } of template.all('AWS::SQS::Queue')) {
    const numbers = attributeNames.flatMap((name) =>
      properties[name] === undefined ? [] : [[name, String(properties[name])]],
    );
    await callEdge(edge, operator, 'AmazonSQS.CreateQueue', {
      QueueName: attributes['QueueName'],
      Attributes: {
        ...(Object.fromEntries(numbers) as Record<string, string>),
        ...(properties.RedrivePolicy && { RedrivePolicy: JSON.stringify(properties.RedrivePolicy) }),
      },
    });
  }
}
