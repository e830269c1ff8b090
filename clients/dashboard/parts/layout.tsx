import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { printable } from '#shared/contract/printable.ts';
import { useHeadingFocus } from '../data/focus.ts';
import { Words } from './text.tsx';

interface PageProps {
  /** The current situation, in a few words. */
  title: string;
  children: ComponentChildren;
  /** One more sentence. */
  lead?: ComponentChildren;
  above?: ComponentChildren;
  actions?: ComponentChildren;
  /** The title of the tab, if the heading describes the situation instead of naming the page. */
  name?: string;
}

/** A page: a summary above the details, with the actions it calls for. */
export function Page({ title, name = title, lead, above, actions, children }: PageProps) {
  useEffect(() => {
    document.title = printable(`${name} · Muster`);
  }, [name]);
  const heading = useHeadingFocus();
  return (
    <>
      <header class="page-head">
        <div class="page-title">
          {above && <div class="above">{above}</div>}
          <h1 tabIndex={-1} ref={heading}>
            <Words text={title} />
          </h1>
          {lead && <p class="lead">{lead}</p>}
        </div>
        {actions && <div class="actions">{actions}</div>}
      </header>
      {children}
    </>
  );
}

interface SectionProps {
  title: string;
  children: ComponentChildren;
  class?: string;
  aside?: ComponentChildren;
}

export const Section = ({ title, children, aside, class: extra = '' }: SectionProps) => (
  <section class={`card ${extra}`} aria-label={title}>
    <div class="card-head">
      <h2>{title}</h2>
      {aside}
    </div>
    {children}
  </section>
);

/** Why there is nothing, and what to do next. */
export const Empty = ({ title, children }: { title: string; children?: ComponentChildren }) => (
  <div class="empty">
    <p class="empty-title">
      <Words text={title} />
    </p>
    {children}
  </div>
);

/** A placeholder of the same size as what is still loading. */
export const Loading = ({ lines = 4 }: { lines?: number }) => (
  <div class="loading" role="status" aria-label="Loading">
    {Array.from({ length: lines }, (_, n) => (
      <span key={n} class="loading-line" />
    ))}
  </div>
);

/** What went wrong, and what to do. */
export const Failure = ({ message }: { message: string }) => (
  <p class="failure" role="alert">
    <Words text={message} />
  </p>
);
