/**
 * Provokes every kind of response that the OpenAPI document lists; `muster.http` checks every response against the
 * document.
 */
import { onTestFinished } from 'vitest';
import { awsError } from '#local/edge/call.ts';
import { limits } from '#shared/contract/limits.ts';
import type { Operation } from '#shared/contract/operation.ts';
import { operations, type OperationName } from '#shared/contract/operations.ts';
import { functionNamed } from '../../bench/laboratory.ts';
import { documentedKinds, kindOf } from '../support/documented.ts';
import * as faults from '../support/faults.ts';
import { expect, test } from '../support/own-muster.ts';
import { requestOf } from '../support/operation-request.ts';
import { prepare, type Situation } from '../support/situation.ts';
import type { TestMuster } from '../support/test-muster.ts';

/** Responses that a request alone cannot provoke, and where they are tested instead. */
const elsewhere: Record<string, string> = {
  '413 API Gateway': 'a body over 10 MB: test/local/gateway.test.ts',
  '429 API Gateway': 'more requests than the stage admits: test/local/gateway.test.ts',
  '500 API Gateway': 'a function that fails: test/local/gateway.test.ts',
  '503 API Gateway': 'a function that does not answer: test/local/gateway.test.ts',
  '500 internal': 'a bug: test/functions/pipeline.test.ts',
  '429 too_many_open_tasks': 'a million tasks: test/scenario/open-tasks.test.ts',
  'retry_graph 409 not_retryable': 'a graph of more than 180 days: test/engine/graph-decisions.test.ts',
  '422 too_many_lanes': 'a thousand requirement sets: test/engine/lanes.test.ts',
};

interface Provocation {
  operation: OperationName;
  /** The code of the refusal, API Gateway, or done. */
  kind: string;
  request: { method: string; path: string; body?: unknown };
  key?: string;
  headers?: Record<string, string>;
}

const rows: readonly (Operation & { name: OperationName })[] = operations;
const closed = rows.filter(({ scope }) => scope !== 'public');

/** The operations that a key can restrict. */
const grantable: ReadonlySet<string> = new Set<OperationName>(['register_agent', 'learn_capability']);

/** Requests refused because of their key. */
async function badKeys(muster: TestMuster, { inputs, holder, agentKey }: Situation): Promise<Provocation[]> {
  const make = (more: object) => muster.call('create_key', { role: 'viewer', ...more });
  const [viewer, expired, revoked] = await Promise.all([make({}), make({ expires_in_days: 1 }), make({})]);
  await muster.call('revoke_key', { key_id: revoked.key_id });
  const limited = await make({ role: 'agent', agent_id: muster.name('limited'), capabilities: [] });
  await muster.clock.advance('24h');
  return closed.flatMap(({ name: operation, scope }) => {
    const request = requestOf(operation, inputs[operation]);
    const ofAgents = scope === 'tasks:work' || scope === 'agents:write';
    const own = requestOf(operation, { ...inputs[operation], agent_id: muster.name('limited') });
    const other = requestOf(operation, { ...inputs[operation], agent_id: holder });
    return [
      { operation, request, kind: 'API Gateway', key: '' },
      { operation, request, kind: 'invalid_key', key: 'mst_wrong' },
      { operation, request, kind: 'expired_key', key: expired.key },
      { operation, request, kind: 'revoked_key', key: revoked.key },
      ...(scope === 'read' ? [] : [{ operation, request, kind: 'missing_scope', key: viewer.key }]),
      ...(ofAgents ? [{ operation, request: other, kind: 'other_agent', key: agentKey }] : []),
      ...(grantable.has(operation)
        ? [{ operation, request: own, kind: 'capability_not_granted', key: limited.key }]
        : []),
    ];
  });
}

/** Requests refused because of their form, before anything is read. */
function badForms({ inputs }: Situation): Provocation[] {
  const large = ' '.repeat(limits.bodyBytes + 1);
  return rows.flatMap(({ name: operation, route }) => {
    const request = requestOf(operation, inputs[operation]);
    const { method } = request;
    const sent = (body: string) => ({ ...request, body });
    const at = (name: string) => ({ ...request, path: route.replace(/^\w+ /, '').replace(/\{\w+\}/, name) });
    const bodies = [
      { operation, request: sent('{'), kind: 'not_parsable' },
      { operation, request: sent('{}'), kind: 'unsupported_media_type', headers: { 'content-type': 'text/plain' } },
      { operation, request: sent(large), kind: 'too_large' },
    ];
    const paths = [
      { operation, request: at('%zz'), kind: 'API Gateway' },
      { operation, request: at('a/b'), kind: 'API Gateway' },
    ];
    const surplus = requestOf(operation, { ...inputs[operation], surplus: 1 });
    return [
      { operation, request: surplus, kind: 'invalid_input' },
      ...(method === 'POST' ? bodies : []),
      ...(route.includes('{') ? paths : []),
    ];
  });
}

/** Requests refused because of existing data. */
const mistaken = ({ inputs, mistakes }: Situation): Provocation[] =>
  rows.flatMap(({ name: operation }) =>
    Object.entries<object>(mistakes[operation] ?? {}).map(([kind, mistake]) => ({
      operation,
      request: requestOf(operation, { ...inputs[operation], ...mistake }),
      kind,
    })),
  );

const good = (which: typeof rows, { inputs }: Situation, kind: string): Provocation[] =>
  which.map(({ name: operation }) => ({ operation, request: requestOf(operation, inputs[operation]), kind }));

test('every documented response occurs', { timeout: 120_000 }, async ({ muster }) => {
  const reached = new Set<string>();
  const provoke = async ({ operation, kind, request, key, headers }: Provocation) => {
    const { method, path, body: sent } = request;
    const { status, body } = await muster.http<{ code?: string }>(method, path, sent, key, headers);
    const given = status < 300 ? 'done' : (body.code ?? 'API Gateway');
    expect(kindOf(operation, status, given)).toBe(kindOf(operation, status, kind));
    reached.add(kindOf(operation, status, given));
  };
  const provokeAll = (all: Provocation[]) => Promise.all(all.map(provoke));

  const situation = await prepare(muster);
  await provokeAll(mistaken(situation));
  await provokeAll(badForms(situation));
  // The authorizer has not read this key yet; nothing else in this operation can be unavailable.
  const { key: unread, key_id } = await muster.call('create_key', { role: 'viewer' });
  const authorizer = functionNamed(muster.local, 'authorize');
  const { hook } = faults.refuse(
    // The other key may be read again: its authorization is cached for a minute, which may have passed.
    ({ service, caller, body }) =>
      service === 'dynamodb' && (caller !== authorizer || JSON.stringify(body).includes(key_id)),
    Infinity,
    awsError('InternalFailure', 'We are sorry.', 500),
  );
  const end = muster.local.edge.intercept(hook);
  onTestFinished(end);
  await provokeAll(
    good(closed, situation, 'unavailable').map((one) =>
      one.operation === 'get_caller' ? { ...one, key: unread } : one,
    ),
  );
  end();
  for (const one of good(rows, situation, 'done')) await provoke(one);
  await provokeAll(await badKeys(muster, situation));

  const isElsewhere = (kind: string) => kind in elsewhere || kind.slice(kind.indexOf(' ') + 1) in elsewhere;
  expect(documentedKinds().filter((kind) => !reached.has(kind) && !isElsewhere(kind))).toEqual([]);
});
