import { useMay } from '../data/muster.tsx';
import { Snippet } from '../parts/copy.tsx';
import { Page, Section } from '../parts/layout.tsx';
import { Code } from '../parts/text.tsx';
import { connectWith } from '../view/snippets.ts';

/** Snippets to paste, with this URL. */
export function Connect() {
  const mayManageKeys = useMay('keys:manage');
  const lead = (
    <>
      This deployment is at <Code text={location.origin} />. Set MUSTER_KEY to a key:{' '}
      {mayManageKeys ? <a href="#/keys">create one</a> : 'ask an admin for one'} for each agent and producer.
    </>
  );
  return (
    <Page title="Connect agents and producers" name="Connect" lead={lead}>
      {connectWith(location.origin).map(({ title, text, note }) => (
        <Section key={title} title={title}>
          <Snippet text={text} label={title} />
          <p class="quiet note-below">{note}</p>
        </Section>
      ))}
    </Page>
  );
}
