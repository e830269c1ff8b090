/** `muster`: what people and scripts type. */
import { report } from './failure.ts';
import { createProgram } from './program.ts';
import { outputOf } from './session.ts';

process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
// The reader of the output, such as head, may stop early.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const program = createProgram();
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error, outputOf(program).json);
}
