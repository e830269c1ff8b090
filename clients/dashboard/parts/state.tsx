import { meaningOf, type Status } from '../view/states.ts';

/** A state as color, shape and word, the same everywhere. */
export const State = ({ status }: { status: Status }) => (
  <span class={`state ${status}`} title={meaningOf[status]}>
    <Mark status={status} />
    <span class="state-word">{status}</span>
  </span>
);

/** The shape alone, where the word is near. */
export const Mark = ({ status }: { status: Status }) => <span class={`mark ${status}`} aria-hidden="true" />;
