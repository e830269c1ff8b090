import { isDeepStrictEqual } from 'node:util';

interface Index {
  IndexName: string;
  KeySchema: unknown;
  Projection: unknown;
}

/**
 * The parts of a table's definition that CloudFormation cannot change without replacing the table or one of its
 * indexes.
 */
export interface TableDefinition {
  Type: string;
  Properties: {
    TableName?: string;
    KeySchema: unknown;
    AttributeDefinitions: { AttributeName: string; AttributeType: string }[];
    LocalSecondaryIndexes?: unknown;
    GlobalSecondaryIndexes?: Index[];
  };
}

/** Tables by logical id. */
export type Tables = Record<string, TableDefinition>;

/** What deploying `next` over `current` would lose, one sentence each. */
export function tableReplacements(current: Tables, next: Tables): string[] {
  return Object.entries(current).flatMap(([id, table]) => {
    const after = next[id];
    if (after?.Type !== table.Type) {
      return [
        `The ${table.Type} ${id} is no longer in the template: a deployment would go on with an empty table. ` +
          'Keep the type and the ids of the constructs around it.',
      ];
    }
    return [...replacedBy(id, table.Properties, after.Properties), ...lostIndexes(id, table, after)];
  });
}

function replacedBy(id: string, before: TableDefinition['Properties'], after: TableDefinition['Properties']): string[] {
  const fixed = ['TableName', 'KeySchema', 'LocalSecondaryIndexes'] as const;
  const changed: string[] = fixed.filter((property) => !isDeepStrictEqual(before[property], after[property]));
  const typeOf = new Map(
    after.AttributeDefinitions.map(({ AttributeName, AttributeType }) => [AttributeName, AttributeType]),
  );
  for (const { AttributeName, AttributeType } of before.AttributeDefinitions) {
    if ((typeOf.get(AttributeName) ?? AttributeType) !== AttributeType) changed.push(`the type of ${AttributeName}`);
  }
  return changed.map((what) => `${id} has changed in ${what}: a deployment would put an empty table in its place.`);
}

function lostIndexes(id: string, before: TableDefinition, after: TableDefinition): string[] {
  const next = new Map((after.Properties.GlobalSecondaryIndexes ?? []).map((index) => [index.IndexName, index]));
  return (before.Properties.GlobalSecondaryIndexes ?? []).flatMap(({ IndexName, KeySchema, Projection }) => {
    const index = next.get(IndexName);
    if (!index)
      return [`${id} no longer has the index ${IndexName}: a deployment would delete it under running functions.`];
    return isDeepStrictEqual({ KeySchema, Projection }, { KeySchema: index.KeySchema, Projection: index.Projection })
      ? []
      : [`The index ${IndexName} of ${id} has changed: CloudFormation refuses that. Add an index with another name.`];
  });
}
