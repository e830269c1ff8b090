import { expect, test } from 'vitest';
import { runScript } from '../support/command.ts';

test('with everything installed, it prints nothing', async () => {
  const preflight = runScript('local/preflight.js', {});
  expect(await preflight.ended()).toBe(0);
  expect(preflight.output()).toBe('');
});

test('it says what is missing and how to get it', async () => {
  const preflight = runScript('local/preflight.js', { MUSTER_DYNAMODB: 'dynamodb-local', PATH: '/nowhere' });
  expect(await preflight.ended()).toBe(1);
  expect(preflight.output()).toBe(
    "Muster requires Java 17 or newer on this machine, for Amazon's DynamoDB Local; java is not on the PATH.\n" +
      'Install it from https://adoptium.net or with your package manager.\n',
  );
});
