import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Says why findings of cdk-nag on a construct, and on those below it, are as they should be. `test/infra/nag.test.ts` refuses a
 * finding without a reason, and a reason without a finding.
 * @param rules as the finding names them, with the finding's own part in brackets where it has one
 */
export function acknowledge(construct: IConstruct, reason: string, ...rules: string[]): void {
  Validations.of(construct).acknowledge(...rules.map((id) => ({ id, reason })));
}
