/** writer_bot: writes the result of a dependency to a file in the working folder. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Analysis } from './findings.ts';
import { textOf, work, type Handler } from './work.ts';

const implementation: Handler = ({ dependency_results: results, metadata }) => {
  const file = path.basename(textOf(metadata?.['file']));
  const analyses = Object.values(results).map(({ result }) => result as unknown as Analysis);
  const list = analyses.flatMap(({ sentences }) => sentences.map((sentence) => `- ${sentence}`));
  const chart = analyses.flatMap((one) => one.chart);
  const text = ['# Patterns in use', '', ...list, '', '```', ...chart, '```', ''].join('\n');
  writeFileSync(file, text);
  return { file, lines: text.split('\n').length - 1 };
};

await work({ implementation });
