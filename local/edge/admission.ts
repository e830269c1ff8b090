import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { awsError, unknownCredentials, type AwsAnswer } from './call.ts';

export type Admit = (headers: IncomingHttpHeaders) => AwsAnswer | undefined;

/**
 * Admits only the callers of this Muster, since any web page open on this machine can send requests to 127.0.0.1. A
 * page does not have the token, and a page whose name was rebound to this address sends its own name in Host.
 * @param host `127.0.0.1:<port>`
 * @param token the callers' session token
 * @returns a function that returns the refusal of any other request
 */
export function admission(host: string, token: string): Admit {
  const expected = Buffer.from(token);
  const isOurs = (sent: unknown): boolean => {
    const given = Buffer.from(typeof sent === 'string' ? sent : '');
    return given.length === expected.length && timingSafeEqual(given, expected);
  };
  const wrongHost = awsError('AccessDeniedException', `The AWS edge answers only requests to ${host}.`, 403);
  return (headers) => {
    if (headers.host !== host) return wrongHost;
    return isOurs(headers['x-amz-security-token']) ? undefined : unknownCredentials;
  };
}
