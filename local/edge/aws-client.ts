import { region } from '../template/aws.ts';

/** Where the edge is, and what it admits callers by. */
export interface EdgeAddress {
  /** `http://127.0.0.1:<port>`: AWS_ENDPOINT_URL of the callers. */
  readonly url: string;
  /** Made at each start: AWS_SESSION_TOKEN of the callers. */
  readonly token: string;
}

/** The caller that may do everything: whoever runs this Muster, as an administrator of the account on AWS. */
export const operator = 'operator';

/**
 * Settings of an SDK client of the host itself.
 * @param caller who calls, as the edge knows callers: the logical id of the function on whose behalf it is done
 */
export function clientSettings({ url, token }: EdgeAddress, caller = operator) {
  return {
    endpoint: url,
    region,
    credentials: { accessKeyId: caller, secretAccessKey: 'local', sessionToken: token },
    maxAttempts: 1,
  };
}
