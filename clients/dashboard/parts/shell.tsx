import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { useLastAnswer } from '../data/connection.ts';
import { useCaller, useHealth, useMay, useSession } from '../data/muster.tsx';
import { freshnessOf } from '../view/polling.ts';
import { openStatuses } from '../view/states.ts';
import { numberText } from '../view/words.ts';
import { useNow } from './time.tsx';

interface Place {
  path: string;
  label: string;
  count?: number | undefined;
}

/** The frame of every page: navigation, who is signed in, and how current everything is. */
export function Shell({ path, children }: { path: string; children: ComponentChildren }) {
  return (
    <div class="shell">
      <nav aria-label="Pages">
        <a class="skip" href={`#${path}`} onClick={focusHeading}>
          Skip to the page
        </a>
        <a class="brand" href="#/">
          Muster
        </a>
        <Places path={path} />
        <Footer />
      </nav>
      <main>{children}</main>
    </div>
  );
}

function focusHeading(event: Event): void {
  event.preventDefault();
  document.querySelector('h1')?.focus();
}

function Places({ path }: { path: string }) {
  const { data: health } = useHealth();
  const mayManageKeys = useMay('keys:manage');
  // On a narrow screen the navigation scrolls.
  useEffect(() => {
    document.querySelector('.places [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [path]);
  const open = health && openStatuses.reduce((sum, status) => sum + health.queue[status], 0);
  const places: Place[] = [
    { path: '/', label: 'Overview' },
    { path: '/tasks', label: 'Tasks', count: open },
    { path: '/graphs', label: 'Graphs' },
    { path: '/agents', label: 'Agents', count: health && health.agents.total_agents - health.agents.left_agents },
    { path: '/connect', label: 'Connect' },
    // Last, because it appears late and must not move the others.
    ...(mayManageKeys ? [{ path: '/keys', label: 'Keys' }] : []),
  ];
  const isHere = (place: string) => path === place || (place !== '/' && path.startsWith(`${place}/`));
  return (
    <ul class="places">
      {places.map(({ path: to, label, count }) => (
        <li key={to}>
          <a href={`#${to}`} aria-current={isHere(to) ? 'page' : undefined}>
            {label}
            {count !== undefined && <span class="number"> {numberText(count)}</span>}
          </a>
        </li>
      ))}
    </ul>
  );
}

function Footer() {
  const { data: caller } = useCaller();
  const { signOut } = useSession();
  const now = useNow();
  const { updatedAt, problem } = useLastAnswer();
  const { text, isOld } = freshnessOf(updatedAt, now, problem !== undefined);
  return (
    <div class="footer">
      <p>
        {caller ? `${caller.stage} · ${caller.region}` : '…'}
        <span class="between"> · </span>
        <br />
        {caller ? `${caller.role} key · ${caller.version}` : '…'}
      </p>
      <p class={isOld ? 'old' : ''}>
        {text}
        {isOld && problem !== undefined && `: ${problem}`}
      </p>
      <button type="button" class="link" onClick={() => signOut()}>
        Sign out
      </button>
    </div>
  );
}
