import { useEffect, useState } from 'preact/hooks';
import type { OutputOf } from '#clients/sdk/operation-methods.ts';
import { withSample, type Sample } from '../view/flow.ts';

const stored = 'muster-flow';

/** The totals that this tab has seen, kept over a reload. */
export function useSamples(queue: OutputOf<'get_queue_statistics'> | undefined): readonly Sample[] {
  const [samples, setSamples] = useState(readSamples);
  const { completed, failed } = queue ?? {};
  useEffect(() => {
    if (completed === undefined || failed === undefined) return;
    setSamples((before) => {
      const next = withSample(before, { at: Date.now(), completed, failed });
      sessionStorage.setItem(stored, JSON.stringify(next));
      return next;
    });
  }, [queue, completed, failed]);
  return samples;
}

function readSamples(): Sample[] {
  try {
    return JSON.parse(sessionStorage.getItem(stored) ?? '[]') as Sample[];
  } catch {
    return [];
  }
}
