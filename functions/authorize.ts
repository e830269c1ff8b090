import { required } from '#shared/adapters/connect.ts';
import { documents } from '#shared/adapters/dynamodb.ts';
import { DynamoDbAccessKeys } from '#shared/adapters/access-keys.ts';
import { Table } from '#shared/adapters/table.ts';
import { env } from '#shared/env.ts';
import { authenticate } from '#shared/operations/keys/authenticate.ts';
import { authorizerPipeline } from './http/authorizer-pipeline.ts';

const ports = {
  accessKeys: new DynamoDbAccessKeys(new Table(documents(), required(process.env, env.agentsTable))),
  clock: { now: () => Date.now() },
};

/** Finds out who is calling, by the bearer key in the header Authorization. */
export const handler = authorizerPipeline((authorization) => authenticate(ports, authorization));
