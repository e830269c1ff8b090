/** indexer_bot: counts the exports of a package in its type declarations. */
import { sourceFiles } from './sources.ts';
import { textOf, work, type Handler } from './work.ts';

const exported = /^export\s+(?:declare\s+)?(?:abstract\s+)?(?:class|interface|type|function|const|enum)\s+(\w+)/gm;

const indexing: Handler = ({ metadata }) => {
  const sources = sourceFiles(textOf(metadata?.['package']), '*.d.{ts,mts}');
  const names = new Set(sources.flatMap(({ text }) => [...text.matchAll(exported)].map(([, name]) => name)));
  return { files: sources.length, names: names.size };
};

await work({ indexing });
