import type { Instance } from '#shared/domain/agent.ts';
import { expect } from 'vitest';
import { morning } from '../support/tasks.ts';
import type { Case, World } from './sites.ts';

const process = (id: string): Instance => ({ id, since: morning });

/** Makes another process, or an unnamed one, register as ada, based on a read of the current holder of the id. */
async function replace(
  { ports }: World,
  next: Instance | undefined,
  meanwhile: () => Promise<unknown>,
  takeover: boolean,
) {
  const read = await ports.agents.occupant('ada');
  await meanwhile();
  return ports.agents.occupy('ada', next, read, takeover);
}

const nothing = () => Promise.resolve();
const register = ({ ports }: World, instance?: Instance) =>
  ports.agents.register({ id: 'ada', capabilities: [], maximum: 5, instance }, ports.clock.now());
const isSeen = async ({ ports }: World) => {
  ports.clock.advance('1m');
  await ports.agents.seen(await ports.agent('ada'), ports.clock.now());
};
const arrive = async ({ ports }: World, id: string) =>
  expect(await ports.agents.occupy('ada', process(id), await ports.agents.occupant('ada'), true)).toBe(true);

const modes = [
  { how: 'waiting for it', takeover: false },
  { how: 'taking it over', takeover: true },
];

const cases = modes.flatMap(({ how, takeover }): [string, Case][] => [
  [
    `an agent id that nobody has, ${how}`,
    async (world) => {
      expect(await replace(world, process('p1'), nothing, takeover)).toBe(true);
    },
  ],
  [
    `an agent id that nobody has and somebody gets, ${how}`,
    async (world) => {
      expect(await replace(world, process('p1'), () => arrive(world, 'p2'), takeover)).toBe(false);
    },
  ],
  [
    `an agent id that a process without a name has, ${how}`,
    async (world) => {
      await register(world);
      expect(await replace(world, process('p1'), nothing, takeover)).toBe(true);
    },
  ],
  [
    `an agent id whose process without a name is seen meanwhile, ${how}`,
    async (world) => {
      await register(world);
      expect(await replace(world, process('p1'), () => isSeen(world), takeover)).toBe(takeover);
    },
  ],
  ...[process('p1'), undefined].flatMap((next): [string, Case][] => {
    const whose = `for ${next ? 'another process' : 'one without a name'}, ${how}`;
    return [
      [
        `an agent id that was given and not used, ${whose}`,
        async (world) => {
          await arrive(world, 'p0');
          expect(await replace(world, next, nothing, takeover)).toBe(true);
        },
      ],
      [
        `an agent id that is used, ${whose}`,
        async (world) => {
          await arrive(world, 'p0');
          await register(world, process('p0'));
          expect(await replace(world, next, nothing, takeover)).toBe(true);
        },
      ],
      [
        `an agent id that somebody else gets meanwhile, ${whose}`,
        async (world) => {
          await arrive(world, 'p0');
          expect(await replace(world, next, () => arrive(world, 'p2'), takeover)).toBe(false);
        },
      ],
      [
        `an agent id whose process is seen meanwhile, ${whose}`,
        async (world) => {
          await arrive(world, 'p0');
          await register(world, process('p0'));
          expect(await replace(world, next, () => isSeen(world), takeover)).toBe(takeover);
        },
      ],
    ];
  }),
]);

export const instanceCases: Record<string, Case> = Object.fromEntries(cases);
