/** The metrics page, parsed by the grammar of Prometheus's text format. */
import { expect, test } from '../support/own-muster.ts';

const line =
  /^(?<name>[a-z_]+)(?:\{(?<labels>[a-z_]+="[^"\\\n]*"(?:,[a-z_]+="[^"\\\n]*")*)\})? (?<value>-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;

/** Samples by name and labels. Throws on what Prometheus would reject. */
function parse(text: string): Map<string, number> {
  expect(text).toMatch(/\n$/);
  const samples = new Map<string, number>();
  const types = new Map<string, string>();
  for (const row of text.trimEnd().split('\n')) {
    const type = /^# TYPE ([a-z_]+) (gauge|summary)$/.exec(row);
    if (type) {
      expect(types.has(type[1] ?? ''), row).toBe(false);
      types.set(type[1] ?? '', type[2] ?? '');
    } else if (!/^# HELP [a-z_]+ \S/.test(row)) {
      const { name = '', labels = '', value = '' } = line.exec(row)?.groups ?? {};
      const family = [...types.keys()].at(-1) ?? '';
      const suffixes = types.get(family) === 'summary' ? ['', '_sum', '_count'] : [''];
      expect(
        suffixes.map((suffix) => family + suffix),
        row,
      ).toContain(name);
      expect(samples.has(name + labels), row).toBe(false);
      samples.set(name + labels, Number(value));
    }
  }
  return samples;
}

test('the statistics are available as Prometheus text, to callers that may read', async ({ muster }) => {
  const get = (key?: string) =>
    fetch(`${muster.url}/v1/metrics`, { headers: key === undefined ? {} : { authorization: `Bearer ${key}` } });
  const [done, failed] = await muster.create([{}, {}, {}]);
  await muster.finish(done);
  await muster.end(failed, 'failed');
  await muster.settled();

  const answer = await get(muster.keys.viewer);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
  ]);
  const samples = parse(await answer.text());
  const statistics = await muster.call('get_queue_statistics', {});
  expect(Object.fromEntries(samples)).toMatchObject({
    'muster_tasksstatus="pending"': statistics.pending,
    'muster_ended_tasksstatus="completed"': 1,
    'muster_ended_tasksstatus="failed"': 1,
    'muster_task_wait_secondsquantile="0.99"': statistics.wait_p99_ms / 1000,
    muster_task_run_seconds_count: 1,
    muster_task_wait_seconds_count: 2,
    'muster_agentsstate="active"': 1,
    'muster_slotsstate="used"': 0,
    'muster_slotsstate="total"': 100,
  });
  expect((await get()).status).toBe(401);
  expect((await get('mst_wrong')).status).toBe(401);
});
