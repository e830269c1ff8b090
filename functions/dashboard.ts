import { files } from 'muster:dashboard-files';
import { serveFiles } from './dashboard/serve-files.ts';

/** The web dashboard: its page and the files the page references, embedded when the function is bundled. */
export const handler = serveFiles(files);
