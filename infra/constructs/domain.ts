import { DomainName } from 'aws-cdk-lib/aws-apigatewayv2';
import { ARecord, AaaaRecord, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { ApiGatewayv2DomainProperties } from 'aws-cdk-lib/aws-route53-targets';
import type { Construct } from 'constructs';
import type { MusterDomain } from '../props.ts';

/** A domain name for an API, with its DNS records if a hosted zone is given. */
export function addDomain(scope: Construct, { domainName, certificate, hostedZone: zone }: MusterDomain): DomainName {
  const domain = new DomainName(scope, 'Domain', { domainName, certificate });
  if (!zone) return domain;
  const { regionalDomainName, regionalHostedZoneId } = domain;
  const target = RecordTarget.fromAlias(new ApiGatewayv2DomainProperties(regionalDomainName, regionalHostedZoneId));
  // The trailing dot marks the name as complete, even if the zone name is only known at deployment.
  for (const [id, Record] of [
    ['Ipv4', ARecord],
    ['Ipv6', AaaaRecord],
  ] as const)
    new Record(scope, id, { zone, recordName: `${domainName}.`, target });
  return domain;
}
