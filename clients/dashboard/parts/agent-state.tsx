import { agentHref } from '../view/address.ts';
import { meaningOfHealth, type AgentHealthState } from '../view/agents.ts';
import { Words } from './text.tsx';

export const AgentLink = ({ id }: { id: string }) => (
  <a href={agentHref(id)}>
    <Words text={id} />
  </a>
);

/** An agent's state as color, shape and word. */
export const AgentState = ({ state }: { state: AgentHealthState }) => (
  <span class={`state agent-${state}`} title={meaningOfHealth[state]}>
    <span class={`mark agent-mark-${state}`} aria-hidden="true" />
    {state}
  </span>
);

/** Slots in use, as a number and a bar. */
export const Load = ({ load, max }: { load: number; max: number }) => (
  <span class="load">
    <meter min={0} max={max} value={load} aria-hidden="true" />
    <span class="number">
      {load} / {max}
    </span>
  </span>
);
