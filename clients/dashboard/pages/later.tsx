import { lazy } from 'preact/compat';
import { Empty, Page } from '../parts/layout.tsx';

/** The pages loaded when one of them is first opened: in one file, to keep the number of file requests small. */
const pages = () => import('./all.ts');

export const Tasks = lazy(() => pages().then(({ Tasks }) => ({ default: Tasks }), outdated));
export const Task = lazy(() => pages().then(({ Task }) => ({ default: Task }), outdated));
export const Graphs = lazy(() => pages().then(({ Graphs }) => ({ default: Graphs }), outdated));
export const Graph = lazy(() => pages().then(({ Graph }) => ({ default: Graph }), outdated));
export const Agents = lazy(() => pages().then(({ Agents }) => ({ default: Agents }), outdated));
export const Agent = lazy(() => pages().then(({ Agent }) => ({ default: Agent }), outdated));
export const Keys = lazy(() => pages().then(({ Keys }) => ({ default: Keys }), outdated));
export const Connect = lazy(() => pages().then(({ Connect }) => ({ default: Connect }), outdated));

/** The files of a version disappear when another is deployed. */
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
