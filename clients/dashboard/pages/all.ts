/** All pages except the first, loaded together when one of them is first opened. */
export { Agent } from './agent.tsx';
export { Agents } from './agents.tsx';
export { Connect } from './connect.tsx';
export { Graph } from './graph.tsx';
export { Graphs } from './graphs.tsx';
export { Keys } from './keys.tsx';
export { Task } from './task.tsx';
export { Tasks } from './tasks.tsx';
