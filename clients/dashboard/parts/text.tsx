import { printable } from '#shared/contract/printable.ts';

/** Other people's words on one line: nothing in them is invisible, and their direction ends with them. */
export const Words = ({ text }: { text: string }) => <bdi class="words">{printable(text)}</bdi>;

/** An id or a name that machines use. */
export const Code = ({ text }: { text: string }) => <code>{printable(text)}</code>;
