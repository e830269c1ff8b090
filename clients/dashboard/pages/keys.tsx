import { useState } from 'preact/hooks';
import type { KeySummary } from '#shared/contract/keys.ts';
import type { OutputOf } from '#clients/sdk/operation-methods.ts';
import { messageOf, useCaller, useChange, useLive, useMay } from '../data/muster.tsx';
import { Snippet } from '../parts/copy.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Empty, Failure, Loading, Page, Section } from '../parts/layout.tsx';
import { Table, type Column } from '../parts/table.tsx';
import { Code, Words } from '../parts/text.tsx';
import { Ago, useNow } from '../parts/time.tsx';
import { keyState, meaningOfRole, roles } from '../view/keys.ts';
import { countText } from '../view/words.ts';

/** The API keys, for admins. */
export function Keys() {
  const mayManage = useMay('keys:manage');
  const { data, error } = useLive('list_keys', { limit: 100 }, { enabled: mayManage, moves: () => false });
  const [revoking, setRevoking] = useState<KeySummary>();
  const now = useNow();
  if (!mayManage) {
    return (
      <Page title="Keys">
        <Empty title="Only a key of role admin can list and create keys." />
      </Page>
    );
  }
  const valid = data?.keys.filter((key) => keyState(key, now) === 'valid').length ?? 0;
  return (
    <Page
      title={data ? countText(valid, 'valid key') : 'Keys'}
      name="Keys"
      lead="A key is shown once, when it is created; only its hash is stored."
    >
      <CreateKey />
      <Section title="Keys" class="list">
        {!data && (error ? <Failure message={messageOf(error)} /> : <Loading lines={5} />)}
        {data && <KeyTable keys={data.keys} now={now} revoke={setRevoking} />}
        {data?.next_cursor !== undefined && (
          <p class="quiet">
            These are the first {data.keys.length}. <Code text="muster key list" /> shows all.
          </p>
        )}
      </Section>
      {revoking && <Revoke keySummary={revoking} onClose={() => setRevoking(undefined)} />}
    </Page>
  );
}

interface KeyTableProps {
  keys: readonly KeySummary[];
  now: number;
  revoke: (key: KeySummary) => void;
}

function KeyTable({ keys, now, revoke }: KeyTableProps) {
  const { data: caller } = useCaller();
  const columns: readonly Column<KeySummary>[] = [
    { title: 'Key', cell: ({ key_id }) => <Code text={`mst_${key_id}_…`} /> },
    { title: 'Name', class: 'note', drop: 1, cell: ({ name }) => (name === undefined ? '–' : <Words text={name} />) },
    {
      title: 'Role',
      cell: ({ role, agent_id }) => <Words text={agent_id === undefined ? role : `${role} ${agent_id}`} />,
    },
    { title: 'State', drop: 2, cell: (key) => keyState(key, now) },
    {
      title: 'Expires',
      drop: 3,
      align: 'end',
      cell: ({ expires_at }) => (expires_at === undefined ? 'never' : <Ago at={expires_at} />),
    },
    { title: 'Created', drop: 2, align: 'end', cell: ({ created_at }) => <Ago at={created_at} /> },
    {
      title: 'Action',
      align: 'end',
      cell: (key) =>
        key.key_id === caller?.key_id ? (
          <span class="quiet">yours</span>
        ) : keyState(key, now) === 'valid' ? (
          <button type="button" class="small" aria-label={`Revoke ${key.key_id}`} onClick={() => revoke(key)}>
            Revoke
          </button>
        ) : null,
    },
  ];
  return <Table label="Keys" columns={columns} rows={keys} keyOf={({ key_id }) => key_id} />;
}

function Revoke({ keySummary: { key_id, role, name }, onClose }: { keySummary: KeySummary; onClose: () => void }) {
  const revoke = useChange('revoke_key');
  return (
    <Dialog
      title={`Revoke the ${role} key ${name ?? key_id}?`}
      verb="Revoke the key"
      danger
      busy={revoke.isPending}
      onClose={onClose}
      onConfirm={() => revoke.mutate({ key_id }, { onSuccess: onClose })}
    >
      <p>Requests with it are refused within a minute. This cannot be undone.</p>
      {revoke.error && <Failure message={messageOf(revoke.error)} />}
    </Dialog>
  );
}

function CreateKey() {
  const create = useChange('create_key');
  const [role, setRole] = useState<KeySummary['role']>('agent');
  const submit = (form: HTMLFormElement) => {
    const text = (field: string) => (form.elements.namedItem(field) as HTMLInputElement | null)?.value.trim() ?? '';
    const days = Number(text('days'));
    create.mutate({
      role,
      ...(role === 'agent' && { agent_id: text('agent_id') }),
      ...(text('name') !== '' && { name: text('name') }),
      ...(days > 0 && { expires_in_days: days }),
    });
  };
  return (
    <Section title="Create a key">
      <form
        class="filters"
        onSubmit={(event) => {
          event.preventDefault();
          submit(event.currentTarget);
        }}
      >
        <label>
          <span>Role</span>
          <select value={role} onChange={(event) => setRole(event.currentTarget.value as KeySummary['role'])}>
            {roles.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>
        {role === 'agent' && (
          <label>
            <span>Agent id</span>
            <input name="agent_id" required autocomplete="off" spellcheck={false} />
          </label>
        )}
        <label>
          <span>Name, optional</span>
          <input name="name" maxLength={100} autocomplete="off" />
        </label>
        <label>
          <span>Days until it expires</span>
          <input name="days" type="number" min={1} max={3650} placeholder="never" />
        </label>
        <button class="primary" disabled={create.isPending}>
          Create the key
        </button>
      </form>
      <p class="quiet">{meaningOfRole[role]}</p>
      {create.error && <Failure message={messageOf(create.error)} />}
      {create.data && <Created answer={create.data} />}
    </Section>
  );
}

const Created = ({ answer }: { answer: OutputOf<'create_key'> }) => (
  <div role="status" class="created">
    <p>
      <strong>Copy the {answer.role} key now.</strong> It is not shown again.
    </p>
    <Snippet text={answer.key} label="The new key" />
  </div>
);
