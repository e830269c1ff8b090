import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDbAccessKeys } from '#shared/adapters/access-keys.ts';
import { awsClient } from '#shared/adapters/aws-clients.ts';
import { DynamoDbDataFormat } from '#shared/adapters/data-format.ts';
import { required } from '#shared/adapters/connect.ts';
import { Table } from '#shared/adapters/table.ts';
import { env } from '#shared/env.ts';
import { authenticate } from '#shared/operations/keys/authenticate.ts';
import { authorizerPipeline } from './http/authorizer-pipeline.ts';

/**
 * The authorizer has less time than other functions: three shorter tries leave time to report that keys cannot be read.
 */
const client = awsClient(DynamoDBClient, 1000);

const agentsTable = required(process.env, env.agentsTable);
const dataFormat = new DynamoDbDataFormat(new Table(client, agentsTable));

const ports = {
  accessKeys: new DynamoDbAccessKeys(new Table(client, agentsTable, dataFormat.check)),
  clock: { now: () => Date.now() },
};

/** Identifies the caller by the bearer key in the Authorization header. */
export const handler = authorizerPipeline((authorization) => authenticate(ports, authorization));
