import type { Template } from './template.ts';
import { wildcard } from './wildcard.ts';

/**
 * Checks that a service may invoke a function, as Lambda does on each call.
 * @param principal for example `events.amazonaws.com`
 * @param sourceArn what invokes it: a rule, a route, an authorizer
 * @throws Error without an AWS::Lambda::Permission that allows it
 */
export function checkPermission(template: Template, functionArn: string, principal: string, sourceArn: string): void {
  const allowed = template.all('AWS::Lambda::Permission').some(({ properties }) => {
    const target = template.find('AWS::Lambda::Function', properties.FunctionName);
    return (
      target?.attributes['Arn'] === functionArn &&
      properties.Principal === principal &&
      (properties.SourceArn === undefined || wildcard(properties.SourceArn)(sourceArn))
    );
  });
  if (allowed) return;
  throw new Error(
    `No AWS::Lambda::Permission lets ${principal} invoke ${functionArn} for ${sourceArn}. ` +
      'Add the permission in infra/: without it every such call fails on AWS.',
  );
}
