import { keyIn } from '../view/address.ts';

const stored = 'muster-key';
const channelName = 'muster-session';

/** How long a new tab waits for another one that is signed in, in milliseconds. */
const answerMs = 150;

/** Messages between the tabs of one browser. */
type Message = { type: 'asked' } | { type: 'key'; key: string } | { type: 'signed-out' };

const channel = new BroadcastChannel(channelName);
const send = (message: Message) => channel.postMessage(message);

/**
 * The key of this session: from a sign-in link, from before a reload, or from another signed-in tab. Only the tabs keep
 * it, and it is gone with the last of them.
 */
export async function sessionKey(): Promise<string | undefined> {
  return linkedKey() ?? sessionStorage.getItem(stored) ?? (await keyOfAnotherTab());
}

/** The key of the sign-in link that was opened, if one was. */
function linkedKey(): string | undefined {
  const key = keyIn(location.hash);
  if (key === undefined) return undefined;
  // At once: neither the history nor a copied URL may contain a key.
  history.replaceState(null, '', location.pathname);
  keepKey(key);
  return key;
}

export function keepKey(key: string): void {
  sessionStorage.setItem(stored, key);
}

/** Forgets the key in all tabs. */
export function forgetKey(): void {
  sessionStorage.removeItem(stored);
  send({ type: 'signed-out' });
}

export interface SessionChanges {
  /** A sign-in link was opened in this tab, or another tab, slow to respond, has shared its key. */
  signedIn: (key: string) => void;
  signedOut: () => void;
}

/** Shares the key with new tabs, and signs out along with the others. */
export function shareSession({ signedIn, signedOut }: SessionChanges): void {
  // A link that differs only in its fragment does not load the page again.
  addEventListener('hashchange', () => {
    const key = linkedKey();
    if (key !== undefined) signedIn(key);
  });
  channel.addEventListener('message', ({ data }: MessageEvent<Message>) => {
    const key = sessionStorage.getItem(stored);
    if (data.type === 'asked' && key !== null) send({ type: 'key', key });
    if (data.type === 'key' && key === null) {
      keepKey(data.key);
      signedIn(data.key);
    }
    if (data.type === 'signed-out' && key !== null) {
      sessionStorage.removeItem(stored);
      signedOut();
    }
  });
}

function keyOfAnotherTab(): Promise<string | undefined> {
  return new Promise((resolve) => {
    const done = (key?: string) => {
      clearTimeout(timer);
      channel.removeEventListener('message', hear);
      resolve(key);
    };
    const hear = ({ data }: MessageEvent<Message>) => {
      if (data.type !== 'key') return;
      keepKey(data.key);
      done(data.key);
    };
    const timer = setTimeout(() => done(), answerMs);
    channel.addEventListener('message', hear);
    send({ type: 'asked' });
  });
}
