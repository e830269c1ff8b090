import { join, resolve } from 'node:path';
import type { EdgeAddress } from '../edge/aws-client.ts';
import type { FunctionDefinition } from './definition.ts';
import { region } from '../template/aws.ts';

/** With cached code, an instance starts in little more than half the time. */
const compileCache = join(resolve(import.meta.dirname, '../..'), 'build', 'compile-cache');

/** The environment of a function: what the template says, what the Lambda runtime sets, and the address of the edge. */
export function runtimeEnvironment(fn: FunctionDefinition, edge: EdgeAddress): Record<string, string> {
  return {
    ...fn.environment,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: fn.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: fn.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    AWS_LAMBDA_LOG_FORMAT: fn.logFormat,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    LAMBDA_TASK_ROOT: fn.folder,
    LANG: 'en_US.UTF-8',
    NODE_COMPILE_CACHE: compileCache,
    NODE_ENV: 'production',
    TZ: ':UTC',
    _HANDLER: fn.handler,
    // How the edge identifies the caller: the logical id in the template.
    AWS_ACCESS_KEY_ID: fn.id,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SESSION_TOKEN: edge.token,
    AWS_ENDPOINT_URL: edge.url,
    AWS_EC2_METADATA_DISABLED: 'true',
    // The user's own AWS configuration must not leak in.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
}
