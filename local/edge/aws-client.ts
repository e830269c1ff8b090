import { region } from '../template/aws.ts';

/**
 * Settings of an SDK client of the host itself.
 * @param caller who calls, as the edge knows callers: the logical id of the function on whose behalf it is done
 */
export function clientSettings(url: string, caller: string) {
  return {
    endpoint: url,
    region,
    credentials: { accessKeyId: caller, secretAccessKey: 'local' },
    maxAttempts: 1,
  };
}
