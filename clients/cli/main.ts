/** The command `muster`, for people and scripts. */
import { report } from './failure.ts';
import { createProgram } from './program.ts';
import { outputOf } from './session.ts';

process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));
// The reader of the output, such as head, may stop early.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : report(error, false));
});

const program = createProgram();
process.once('uncaughtException', (error) => process.exit(report(error, outputOf(program).json)));
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error, outputOf(program).json);
}
