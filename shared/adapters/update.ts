import type { TaskFields } from '../domain/task.ts';
import type { Change } from '../domain/transition.ts';
import { times } from '../domain/settings.ts';
import { agentIndex, ttlAttribute, workIndex } from '../schema.ts';
import type { Condition } from './conditions.ts';
import { indexKeys, taskKey } from './item-keys.ts';
import { taskAttributes, stored, type Item, type TaskField } from './task-item.ts';

/** The input of an UpdateItem, without table and key. */
export interface Update {
  UpdateExpression: string;
  ConditionExpression: string;
  ExpressionAttributeNames: Record<string, string>;
  ExpressionAttributeValues?: Record<string, unknown>;
}

/** Collects the clauses of an update expression. */
class Clauses {
  readonly names: Record<string, string> = {};
  readonly values: Record<string, unknown> = {};
  private readonly sections = new Map<'SET' | 'REMOVE' | 'ADD' | 'DELETE', string[]>();

  set(name: string, attribute: string, value: unknown): void {
    this.push('SET', name, attribute, value);
  }

  remove(name: string, attribute: string): void {
    this.names[`#${name}`] = attribute;
    this.section('REMOVE').push(`#${name}`);
  }

  push(section: 'SET' | 'ADD' | 'DELETE', name: string, attribute: string, value: unknown): void {
    this.names[`#${name}`] = attribute;
    this.values[`:${name}`] = value;
    this.section(section).push(`#${name}${section === 'SET' ? ' = ' : ' '}:${name}`);
  }

  expression(): string {
    return [...this.sections].map(([section, clauses]) => `${section} ${clauses.join(', ')}`).join(' ');
  }

  private section(section: 'SET' | 'REMOVE' | 'ADD' | 'DELETE'): string[] {
    const clauses = this.sections.get(section) ?? [];
    this.sections.set(section, clauses);
    return clauses;
  }
}

/** A change, or a creation, which sets more fields. */
export type FieldsChange = Omit<Change, 'set'> & { set: TaskFields };

/**
 * The single write that applies a change under a condition.
 * @param retentionMs how long an ended task is shown; it is deleted once its dependents no longer need it
 */
export function updateOf(id: string, change: FieldsChange, when: Condition, retentionMs: number): Update {
  const clauses = new Clauses();
  for (const [field, value] of Object.entries(change.set)) {
    const attribute = taskAttributes[field as TaskField];
    const kept = stored(field as TaskField, value);
    if (kept === undefined) clauses.remove(field, attribute);
    else clauses.set(field, attribute, kept);
  }
  for (const field of change.clear ?? []) {
    if (!(field in change.set)) clauses.remove(field, taskAttributes[field]);
  }
  if (change.set.endedAt !== undefined) clauses.set('ttl', ttlAttribute, ttlOf(change.set.endedAt, retentionMs));
  else if (change.clear?.includes('endedAt')) clauses.remove('ttl', ttlAttribute);

  if (change.nextAttempt) clauses.push('ADD', 'attempt', taskAttributes.attempt, 1);
  if (change.met?.length) clauses.push('ADD', 'done', taskAttributes.done, new Set(change.met));
  if (change.failed?.length) clauses.push('ADD', 'failed', taskAttributes.failed, new Set(change.failed));
  if (change.unfailed?.length) clauses.push('DELETE', 'failed', taskAttributes.failed, new Set(change.unfailed));
  if (change.indexEntry) setIndexKeys(clauses, indexKeys(id, change.indexEntry));

  const values = { ...clauses.values, ...when.values };
  return {
    UpdateExpression: clauses.expression(),
    ConditionExpression: when.expression,
    ExpressionAttributeNames: { ...clauses.names, ...when.names },
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  };
}

/** The item of a new task: what `updateOf` would write if no item exists. */
export function itemOf(id: string, { set, met, failed, indexEntry }: FieldsChange, retentionMs: number): Item {
  const item: Item = { ...taskKey(id) };
  const put = (attribute: string, value: unknown) => {
    if (value !== undefined && value !== null) item[attribute] = value;
  };
  for (const [field, value] of [...Object.entries(set), ['done', met] as const, ['failed', failed] as const])
    put(taskAttributes[field as TaskField], stored(field as TaskField, value));
  if (set.endedAt !== undefined) put(ttlAttribute, ttlOf(set.endedAt, retentionMs));
  if (indexEntry) {
    const { g, h, a } = indexKeys(id, indexEntry);
    put(workIndex.partition, g);
    put(workIndex.sort, h);
    put(agentIndex.partition, a);
  }
  return item;
}

/** When an ended task may be deleted, in epoch seconds. */
const ttlOf = (endedAt: number, retentionMs: number) =>
  Math.ceil((endedAt + retentionMs + times.keptForDependentsMs) / 1000);

function setIndexKeys(clauses: Clauses, keys: ReturnType<typeof indexKeys>): void {
  clauses.set('g', workIndex.partition, keys.g);
  clauses.set('h', workIndex.sort, keys.h);
  if (keys.a === null) clauses.remove('a', agentIndex.partition);
  else clauses.set('a', agentIndex.partition, keys.a);
}
