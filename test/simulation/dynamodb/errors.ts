import {
  ConditionalCheckFailedException,
  DynamoDBServiceException,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';

const $metadata = {};

export const invalid = (message: string) =>
  new DynamoDBServiceException({ name: 'ValidationException', $fault: 'client', $metadata, message });

export const conditionFailed = (item: Record<string, AttributeValue> | undefined) =>
  new ConditionalCheckFailedException({
    $metadata,
    message: 'The conditional request failed',
    ...(item && { Item: item }),
  });
