import { DomainName } from 'aws-cdk-lib/aws-apigatewayv2';
import { ARecord, AaaaRecord, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { ApiGatewayv2DomainProperties } from 'aws-cdk-lib/aws-route53-targets';
import type { Construct } from 'constructs';
import type { MusterDomain } from '../props.ts';

/** A name for an API, with its records where the zone is given. */
export function addDomain(scope: Construct, { domainName, certificate, hostedZone: zone }: MusterDomain): DomainName {
  const domain = new DomainName(scope, 'Domain', { domainName, certificate });
  if (!zone) return domain;
  const { regionalDomainName, regionalHostedZoneId } = domain;
  const target = RecordTarget.fromAlias(new ApiGatewayv2DomainProperties(regionalDomainName, regionalHostedZoneId));
  // A dot at the end: the name is whole already, also where the name of the zone is only known when it is deployed.
  for (const [id, Record] of [
    ['Ipv4', ARecord],
    ['Ipv6', AaaaRecord],
  ] as const)
    new Record(scope, id, { zone, recordName: `${domainName}.`, target });
  return domain;
}
