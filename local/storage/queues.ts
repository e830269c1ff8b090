import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { clientSettings, type EdgeAddress } from '../edge/aws-client.ts';
import type { Template } from '../template/template.ts';

const attributeNames = [
  'DelaySeconds',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'VisibilityTimeout',
] as const;

/** Creates the queues of the template with their dead letter queues. */
export async function createQueues(template: Template, edge: EdgeAddress): Promise<void> {
  const client = new SQSClient(clientSettings(edge));
  for (const { attributes, properties } of template.all('AWS::SQS::Queue')) {
    const numbers = attributeNames.flatMap((name) =>
      properties[name] === undefined ? [] : [[name, String(properties[name])]],
    );
    await client.send(
      new CreateQueueCommand({
        QueueName: attributes['QueueName'],
        Attributes: {
          ...(Object.fromEntries(numbers) as Record<string, string>),
          ...(properties.RedrivePolicy && { RedrivePolicy: JSON.stringify(properties.RedrivePolicy) }),
        },
      }),
    );
  }
  client.destroy();
}
