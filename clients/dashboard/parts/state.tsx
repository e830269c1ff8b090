import { useRef } from 'preact/hooks';
import { meaningOf, type Status } from '../view/states.ts';

/** A state as color, shape and word, the same everywhere. When it changes, its color fades in. */
export function State({ status }: { status: Status }) {
  const shown = useRef({ status, hasChanged: false });
  if (shown.current.status !== status) shown.current = { status, hasChanged: true };
  return (
    <span key={status} class={`state ${status}${shown.current.hasChanged ? ' changed' : ''}`} title={meaningOf[status]}>
      <Mark status={status} />
      <span class="state-word">{status}</span>
    </span>
  );
}

/** Only the shape, next to the word. */
export const Mark = ({ status }: { status: Status }) => <span class={`mark ${status}`} aria-hidden="true" />;
