import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { synthesize } from './synthesize.ts';
import { tableReplacements, type Tables } from './table-replacements.ts';

/**
 * The tables of version 0.2.0, the first that people may have deployed. No later version may lose their data, so this
 * file never changes: a version that needs different tables has to migrate the items itself.
 */
const baseline = JSON.parse(readFileSync(path.join(import.meta.dirname, 'baseline-0.2.0.json'), 'utf8')) as Tables;

const tasks = Object.keys(baseline).find((id) => id.startsWith('MusterStorageTasks')) ?? '';

test.each(['dev', 'prod'])(
  'a deployment of stage %s over version 0.2.0 replaces no table and no index',
  async (stage) => {
    const { stack } = await synthesize(stage);
    const tables = Template.fromStack(stack).findResources('AWS::DynamoDB::Table') as Tables;
    expect(tableReplacements(baseline, tables)).toEqual([]);
  },
);

test('a deployment over version 0.2.0 keeps the address of the API and the bus with its subscribers', async () => {
  const template = Template.fromStack((await synthesize('dev')).stack);
  expect(Object.keys(template.findResources('AWS::ApiGatewayV2::Api'))).toEqual(['MusterApiHttpB2432A85']);
  const buses = template.findResources('AWS::Events::EventBus');
  expect(Object.entries(buses).map(([id, { Properties }]) => [id, (Properties as { Name: string }).Name])).toEqual([
    ['MusterEventsBusE0803775', 'MusterdevMusterEventsBusFAE4C002'],
  ]);
});

describe('a change is reported', () => {
  /** The findings after a change to the baseline's tasks table. */
  function said(change: (table: Tables[string]) => void): string[] {
    const next = structuredClone(baseline);
    const table = next[tasks];
    if (table) change(table);
    return tableReplacements(baseline, next);
  }

  test('for another logical id or type', () => {
    const { [tasks]: table, ...others } = baseline;
    const renamed = { ...others, ...(table && { MusterTasks: table }) };
    expect(tableReplacements(baseline, renamed)).toEqual([
      expect.stringMatching(`${tasks} is no longer in the template`),
    ]);
    expect(said((next) => (next.Type = 'AWS::DynamoDB::GlobalTable'))).toHaveLength(1);
  });

  test('for another name', () => {
    expect(said(({ Properties }) => (Properties.TableName = 'tasks'))).toEqual([
      `${tasks} has changed in TableName: a deployment would put an empty table in its place.`,
    ]);
  });

  test('for another key, or another key type', () => {
    expect(said(({ Properties }) => (Properties.KeySchema = []))).toEqual([expect.stringContaining('in KeySchema')]);
    const toNumber = ({ Properties }: Tables[string]) =>
      Properties.AttributeDefinitions.forEach((attribute) => {
        if (attribute.AttributeName === 'sk') attribute.AttributeType = 'N';
      });
    expect(said(toNumber)).toEqual([expect.stringContaining('in the type of sk')]);
  });

  test('for a missing or changed index', () => {
    expect(said(({ Properties }) => Properties.GlobalSecondaryIndexes?.shift())).toEqual([
      expect.stringContaining('no longer has the index work'),
    ]);
    const projectAll = ({ Properties }: Tables[string]) =>
      Properties.GlobalSecondaryIndexes?.forEach((index) => {
        if (index.IndexName === 'by-agent') index.Projection = { ProjectionType: 'ALL' };
      });
    expect(said(projectAll)).toEqual([expect.stringContaining('The index by-agent of')]);
  });

  test('but not for a new index, a new table or anything that can be changed in place', () => {
    const more = ({ Properties }: Tables[string]) => {
      const index = { IndexName: 'new', KeySchema: [], Projection: {} };
      Properties.GlobalSecondaryIndexes = [...(Properties.GlobalSecondaryIndexes ?? []), index];
      Properties.AttributeDefinitions.push({ AttributeName: 'n', AttributeType: 'N' });
      Object.assign(Properties, { SSESpecification: { SSEEnabled: true } });
    };
    expect(said(more)).toEqual([]);
    const withAnother = { ...baseline, Another: baseline[tasks] } as Tables;
    expect(tableReplacements(baseline, withAnother)).toEqual([]);
  });
});
