import { lazy } from 'preact/compat';
import { Empty, Page } from '../parts/layout.tsx';

/** The pages that are loaded when they are opened first. */
export const Tasks = lazy(() => import('./tasks.tsx').then(({ Tasks }) => ({ default: Tasks }), outdated));
export const Task = lazy(() => import('./task.tsx').then(({ Task }) => ({ default: Task }), outdated));
export const Agents = lazy(() => import('./agents.tsx').then(({ Agents }) => ({ default: Agents }), outdated));
export const Agent = lazy(() => import('./agent.tsx').then(({ Agent }) => ({ default: Agent }), outdated));
export const Keys = lazy(() => import('./keys.tsx').then(({ Keys }) => ({ default: Keys }), outdated));
export const Connect = lazy(() => import('./connect.tsx').then(({ Connect }) => ({ default: Connect }), outdated));

/** The files of a version are gone when another one was deployed. */
const outdated = () => ({ default: Outdated });

const Outdated = () => (
  <Page title="This page could not be loaded">
    <Empty title="Another version of Muster may have been deployed since you opened this tab.">
      <button type="button" class="primary" onClick={() => location.reload()}>
        Reload
      </button>
    </Empty>
  </Page>
);
