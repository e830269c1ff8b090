import { Duration } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

/** A dead-letter queue; it keeps messages as long as SQS allows, 14 days. */
export function deadLetterQueue(scope: Construct, id: string): Queue {
  const queue = new Queue(scope, id, { retentionPeriod: Duration.days(14), enforceSSL: true });
  acknowledge(queue, 'It is a dead-letter queue itself; an alarm watches it', 'Serverless-SQSRedrivePolicy');
  return queue;
}
