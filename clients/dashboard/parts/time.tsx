import { useSyncExternalStore } from 'preact/compat';
import { agoText, exactText } from '../view/words.ts';

const tickMs = 1_000;
let now = Date.now();

/** The time, second by second, while someone looks. */
export const useNow = () => useSyncExternalStore(subscribe, () => now);

function subscribe(changed: () => void): () => void {
  const tick = () => {
    if (document.hidden) return;
    now = Date.now();
    changed();
  };
  const timer = setInterval(tick, tickMs);
  document.addEventListener('visibilitychange', tick);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', tick);
  };
}

/** How long ago; the exact time on hover and for machines. */
export function Ago({ at }: { at: string }) {
  const time = Date.parse(at);
  return (
    <time dateTime={at} title={exactText(time)}>
      {agoText(time, useNow())}
    </time>
  );
}
