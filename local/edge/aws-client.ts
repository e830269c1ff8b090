import { region } from '../template/aws.ts';

/** The address of the edge, and the token it requires. */
export interface EdgeAddress {
  /** `http://127.0.0.1:<port>`: AWS_ENDPOINT_URL of the callers. */
  readonly url: string;
  /** New at each start: AWS_SESSION_TOKEN of the callers. */
  readonly token: string;
}

/** The caller that may do everything: the person who runs this Muster, like an administrator of the account on AWS. */
export const operator = 'operator';

/**
 * Settings of an SDK client that the host itself uses.
 * @param caller the identity of the caller: the logical id of the function it acts for
 */
export function clientSettings({ url, token }: EdgeAddress, caller = operator) {
  return {
    endpoint: url,
    region,
    credentials: { accessKeyId: caller, secretAccessKey: 'local', sessionToken: token },
    maxAttempts: 1,
  };
}
