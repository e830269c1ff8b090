import { Suspense } from 'preact/compat';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { Route, Router, Switch, useLocation } from 'wouter';
import { useHashPath, useHashQuery } from './data/location.ts';
import { clientOf, SessionContext } from './data/muster.tsx';
import { forgetKey, keepKey, shareSession } from './data/session.ts';
import { Empty, Loading, Page } from './parts/layout.tsx';
import { Shell } from './parts/shell.tsx';
import { Agent, Agents, Connect, Graph, Graphs, Keys, Task, Tasks } from './pages/later.tsx';
import { Overview } from './pages/overview.tsx';
import { SignIn } from './pages/sign-in.tsx';

/** The dashboard, a client of the API like any other, with the viewer's key. */
export function App({ initialKey }: { initialKey: string | undefined }) {
  const [key, setKey] = useState(initialKey);
  const [reason, setReason] = useState<string>();

  const signedIn = (next: string) => {
    setReason(undefined);
    setKey(next);
  };
  useEffect(() => shareSession({ signedIn, signedOut: () => setKey(undefined) }), []);
  const session = useMemo(
    () =>
      key === undefined
        ? undefined
        : {
            client: clientOf(key),
            signOut: (why?: string) => {
              forgetKey();
              setReason(why);
              setKey(undefined);
            },
          },
    [key],
  );
  // Each key gets its own cache, so that the next user does not see the previous one's data.
  const queries = useMemo(() => new QueryClient({ defaultOptions: { queries: { retry: false } } }), [key]);

  if (!session) {
    const signIn = (next: string) => {
      keepKey(next);
      signedIn(next);
    };
    return <SignIn key={reason} reason={reason} signIn={signIn} />;
  }
  return (
    <SessionContext.Provider key={key} value={session}>
      <QueryClientProvider client={queries}>
        <Router hook={useHashPath} searchHook={useHashQuery}>
          <Pages />
        </Router>
      </QueryClientProvider>
    </SessionContext.Provider>
  );
}

function Pages() {
  const [path] = useLocation();
  useEffect(() => scrollTo(0, 0), [path]);
  return (
    <Shell path={path}>
      <Suspense fallback={<Loading lines={8} />}>
        <Switch>
          <Route path="/" component={Overview} />
          <Route path="/tasks" component={Tasks} />
          <Route path="/tasks/:id">{(params) => <Task params={params} key={params.id} />}</Route>
          <Route path="/graphs" component={Graphs} />
          <Route path="/graphs/:id">{(params) => <Graph params={params} key={params.id} />}</Route>
          <Route path="/agents" component={Agents} />
          <Route path="/agents/:id">{(params) => <Agent params={params} key={params.id} />}</Route>
          <Route path="/keys" component={Keys} />
          <Route path="/connect" component={Connect} />
          <Route>
            <Page title="No such page">
              <Empty title="The address names no page of this dashboard.">
                <a href="#/">Go to the overview</a>
              </Empty>
            </Page>
          </Route>
        </Switch>
      </Suspense>
    </Shell>
  );
}
