import { useState } from 'preact/hooks';
import { MusterError } from '#clients/sdk/muster-error.ts';
import { clientOf, messageOf } from '../data/muster.tsx';

interface SignInProps {
  /** Why the previous session ended. */
  reason: string | undefined;
  signIn: (key: string) => void;
}

/** Asks for a key, and verifies it before accepting it. */
export function SignIn({ reason, signIn }: SignInProps) {
  const [problem, setProblem] = useState(reason);
  const [busy, setBusy] = useState(false);

  const submit = async (form: HTMLFormElement) => {
    const key = (form.elements.namedItem('key') as HTMLInputElement).value.trim();
    setBusy(true);
    try {
      await clientOf(key).call('get_caller', {});
      signIn(key);
    } catch (error) {
      setProblem(error instanceof MusterError && error.status === 401 ? error.detail : messageOf(error));
      setBusy(false);
    }
  };

  return (
    <main class="sign-in">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit(event.currentTarget);
        }}
      >
        <h1>Muster</h1>
        <p class="lead">Sign in with an API key of this deployment. This browser keeps it until you close its tabs.</p>
        <label for="key">API key</label>
        <input
          id="key"
          name="key"
          type="password"
          required
          autocomplete="off"
          spellcheck={false}
          placeholder="mst_…"
          aria-describedby={problem === undefined ? undefined : 'problem'}
          aria-invalid={problem !== undefined}
        />
        {problem !== undefined && (
          <p id="problem" class="failure" role="alert">
            {problem}
          </p>
        )}
        <button class="primary" disabled={busy}>
          {busy ? 'Signing in' : 'Sign in'}
        </button>
        <p class="quiet">
          A viewer's key sees everything and changes nothing. On the laptop, <code>npm start</code> prints a link that
          signs in; on AWS, <code>npm run key -- --stage dev --role viewer</code> makes a key.
        </p>
      </form>
    </main>
  );
}
