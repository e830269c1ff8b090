import { useSyncExternalStore } from 'preact/compat';
import { serverNow } from '../data/server-clock.ts';
import { agoText, exactText } from '../view/words.ts';

const tickMs = 1_000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** The time by the server's clock, updated every second while the page is visible. */
export const useNow = () => useSyncExternalStore(subscribe, thisSecond);

const thisSecond = () => Math.floor(serverNow() / tickMs) * tickMs;

/** One timer for everything shown, so that it all changes together. */
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

/** How long ago; with the exact time as a tooltip and for machines. */
export function Ago({ at }: { at: string }) {
  const time = Date.parse(at);
  return (
    <time dateTime={at} title={exactText(time)}>
      {agoText(time, useNow())}
    </time>
  );
}
