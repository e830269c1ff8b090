import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks, type NagPack } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { describe, expect, test } from 'vitest';
import { synthesize } from './synthesize.ts';

const key = Validations.ACKNOWLEDGED_RULES_METADATA_KEY;

/** The findings of the cdk-nag packs in a construct and everything below it. */
function findingsIn(construct: IConstruct, { heed }: { heed: boolean }) {
  return [new AwsSolutionsChecks(), new ServerlessChecks()].flatMap((pack: NagPack) => {
    if (!heed) Object.assign(pack, { isAcknowledged: () => false });
    return pack
      .validateScope(construct)
      .violations.flatMap(({ ruleName: rule, violatingResources }) =>
        violatingResources.map(({ constructPath = '' }) => ({ rule, path: constructPath })),
      );
  });
}

/** Every acknowledged rule, with its location and reason. */
function acknowledged(construct: IConstruct) {
  return construct.node.findAll().flatMap(({ node }) =>
    node.metadata
      .filter(({ type }) => type === key)
      .flatMap(({ data }) => Object.entries(data as Record<string, string>))
      .map(([id, reason]) => ({ rule: id.replace(/^annotation::/i, ''), reason, path: node.path })),
  );
}

describe.each([{}, { protect: 'false', tracing: 'true' }])('with the settings %j', (settings) => {
  test('cdk-nag finds nothing without a reason, and no reason is unused', async () => {
    const { stack } = await synthesize('dev', settings);
    expect(findingsIn(stack, { heed: true })).toEqual([]);

    const all = findingsIn(stack, { heed: false });
    const reasons = acknowledged(stack);
    expect(reasons.length).toBeGreaterThan(5);
    for (const { rule, path, reason } of reasons) {
      const covered = all.filter((one) => one.rule === rule && one.path.startsWith(`${path}/`));
      expect({ rule, path, isNeeded: covered.length > 0 }).toEqual({ rule, path, isNeeded: true });
      expect(reason.length).toBeGreaterThan(20);
    }
  });
});

test('an unacknowledged finding is reported', async () => {
  const { Topic } = await import('aws-cdk-lib/aws-sns');
  const { Stack } = await import('aws-cdk-lib');
  const stack = new Stack(new App({ analyticsReporting: false }), 'Theirs');
  new Topic(stack, 'Open');
  expect(findingsIn(stack, { heed: true }).map(({ rule }) => rule)).toContain('AwsSolutions-SNS3');
});
