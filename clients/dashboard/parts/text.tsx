import { printable } from '#shared/contract/printable.ts';

/** Untrusted text on one line: it contains nothing invisible, and its text direction does not leak. */
export const Words = ({ text }: { text: string }) => <bdi class="words">{printable(text)}</bdi>;

/** An id or another machine-readable name. */
export const Code = ({ text }: { text: string }) => <code>{printable(text)}</code>;
