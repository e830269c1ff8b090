/** Loaded before the simulation with `--import`: applies one mutation to the product's code. */
import { registerHooks } from 'node:module';
import { mutations } from './mutation-list.ts';

const mutation = mutations.find(({ name }) => name === process.env['MUTATION']);
if (!mutation) throw new Error('MUTATION names none of the mutations.');
const { file, text, instead } = mutation;

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!new URL(url).pathname.endsWith(`/${file}`)) return loaded;
    const source = Buffer.from(loaded.source as Uint8Array).toString('utf8');
    if (source.split(text).length !== 2) throw new Error(`${file} does not have exactly once: ${text}`);
    return { ...loaded, source: source.replace(text, () => instead) };
  },
});
