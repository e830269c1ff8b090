import { ConditionalCheckFailedException, DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import type { Item } from './values.ts';

const $metadata = {};

export const invalid = (message: string) =>
  new DynamoDBServiceException({ name: 'ValidationException', $fault: 'client', $metadata, message });

export const conditionFailed = (item: Item | undefined) =>
  new ConditionalCheckFailedException({
    $metadata,
    message: 'The conditional request failed',
    ...(item && { Item: item }),
  });
