import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDbAccessKeys } from '#shared/adapters/access-keys.ts';
import { awsClient } from '#shared/adapters/aws-clients.ts';
import { DynamoDbDataFormat } from '#shared/adapters/data-format.ts';
import { required } from '#shared/adapters/connect.ts';
import { Table } from '#shared/adapters/table.ts';
import { env } from '#shared/env.ts';
import { authenticate } from '#shared/operations/keys/authenticate.ts';
import { authorizerPipeline } from './http/authorizer-pipeline.ts';

/** It has less time than other functions: with three tries it can still say that keys cannot be looked up. */
const client = awsClient(DynamoDBClient, 1000);

const agentsTable = required(process.env, env.agentsTable);
const dataFormat = new DynamoDbDataFormat(new Table(client, agentsTable));

const ports = {
  accessKeys: new DynamoDbAccessKeys(new Table(client, agentsTable, dataFormat.check)),
  clock: { now: () => Date.now() },
};

/** Finds out who is calling, by the bearer key in the header Authorization. */
export const handler = authorizerPipeline((authorization) => authenticate(ports, authorization));
