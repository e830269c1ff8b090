import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * States why cdk-nag findings on a construct and its children are intended. `test/infra/nag.test.ts` rejects a finding
 * without a reason, and a reason without a finding.
 * @param rules as named in the finding, followed by its details in brackets, if it has any
 */
export function acknowledge(construct: IConstruct, reason: string, ...rules: string[]): void {
  Validations.of(construct).acknowledge(...rules.map((id) => ({ id, reason })));
}
