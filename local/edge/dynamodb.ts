import { engineHeaders, type DynamoDbAddress } from '../engines/dynamodb.ts';
import { awsError, type AwsAnswer, type AwsBackend, type AwsCall } from './call.ts';
import { capacityIn, consumed, failedConditions, isDataAction, type Refusal } from './consumption.ts';
import { EngineConnections } from './engine-connections.ts';
import { keyOf, type Meter } from './meter.ts';

const partiql = new Set(['ExecuteStatement', 'BatchExecuteStatement', 'ExecuteTransaction']);

/** Forwards calls to DynamoDB and its streams to an engine, and meters what they consume. */
export function serveDynamoDb(engine: DynamoDbAddress, meter: Meter): { serve: AwsBackend; close(): void } {
  const connections = new EngineConnections(engine.url);
  const headers = engineHeaders(engine);

  const forward = async (target: string, text: string): Promise<AwsAnswer> => {
    const { status, requestId, body } = await connections.post({ ...headers, 'x-amz-target': target }, text);
    return {
      status,
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': requestId },
      body,
    };
  };

  const serve: AwsBackend = async (call, wire) => {
    const target = String(wire.headers['x-amz-target']);
    if (partiql.has(call.action)) {
      return awsError('UnknownOperationException', `The AWS edge does not support ${target}: it cannot meter PartiQL.`);
    }
    if (isDataAction(call.action)) {
      return metered(call, await forward(target, withConsumption(call, wire.text)), meter);
    }
    const answer = await forward(target, wire.text);
    const foundNothing = call.action === 'GetRecords' && answer.body.includes('"Records":[]');
    meter.count(keyOf(call), foundNothing ? { idlePolls: 1 } : { calls: 1 });
    return answer;
  };

  return { serve, close: () => connections.close() };
}

/**
 * Adds the request for consumption to the text; serializing the whole body again would cost more than forwarding it.
 */
function withConsumption({ body }: AwsCall, text: string): string {
  if ('ReturnConsumedCapacity' in body) return JSON.stringify({ ...body, ReturnConsumedCapacity: 'INDEXES' });
  if (Object.keys(body).length === 0) return text;
  return `{"ReturnConsumedCapacity":"INDEXES",${text.slice(text.indexOf('{') + 1)}`;
}

function metered(call: AwsCall, answer: AwsAnswer, meter: Meter): AwsAnswer {
  const { capacity, rest } = capacityIn(answer.body);
  const uses =
    capacity === undefined ? failedConditions(call, JSON.parse(rest) as Refusal) : consumed(call.action, capacity);
  const key = keyOf(call);
  for (const { table, index, ...used } of uses) meter.count({ ...key, table, index }, used);
  meter.count({ ...key, table: uses[0]?.table ?? key.table }, { calls: 1 });
  const asked = (call.body['ReturnConsumedCapacity'] ?? 'NONE') !== 'NONE';
  return capacity === undefined || asked ? answer : { ...answer, body: rest };
}
