/** The simulated region and account. */
export const region = 'us-east-1';
export const account = '000000000000';
export const partition = 'aws';

export const arn = (service: string, resource: string): string =>
  `arn:${partition}:${service}:${region}:${account}:${resource}`;
