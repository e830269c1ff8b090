import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { awsError, unknownCredentials, type AwsAnswer } from './call.ts';

export type Admit = (headers: IncomingHttpHeaders) => AwsAnswer | undefined;

/**
 * Admits the callers of this Muster alone: any web page that this machine shows can send requests to 127.0.0.1. A page has no
 * token, and one whose name was rebound to this address names itself in Host. Returns the refusal of any other request.
 * @param host `127.0.0.1:<port>`
 * @param token the session token of the callers
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
