/** `npm start`: runs Muster until it is stopped. */
import { runUntilStopped } from './until-stopped.ts';

const corsOrigins = process.env['MUSTER_CORS_ORIGINS'];

await runUntilStopped({
  data: process.env['MUSTER_DATA'] ?? '.muster',
  port: process.env['PORT'] ?? '4800',
  portSetting: 'PORT',
  withPort: (port) => `PORT=${port} npm start`,
  // Loading alone takes a second.
  start: async (options) =>
    (await import('./start.ts')).start({ ...options, ...(corsOrigins && { settings: { corsOrigins } }) }),
});
