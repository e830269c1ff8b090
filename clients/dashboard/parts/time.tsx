import { useSyncExternalStore } from 'preact/compat';
import { serverNow } from '../data/server-clock.ts';
import { agoText, exactText } from '../view/words.ts';

const tickMs = 1_000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** The time by the server's clock, second by second, while someone looks. */
export const useNow = () => useSyncExternalStore(subscribe, thisSecond);

const thisSecond = () => Math.floor(serverNow() / tickMs) * tickMs;

/** One timer for all that is shown, so that it changes together. */
function subscribe(changed: () => void): () => void {
  if (listeners.size === 0) {
    timer = setInterval(tick, tickMs);
    document.addEventListener('visibilitychange', tick);
  }
  listeners.add(changed);
  return () => {
    listeners.delete(changed);
    if (listeners.size > 0) return;
    clearInterval(timer);
    document.removeEventListener('visibilitychange', tick);
  };
}

function tick(): void {
  if (!document.hidden) for (const changed of listeners) changed();
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
