import { files } from 'muster:dashboard-files';
import { serveFiles } from './dashboard/serve-files.ts';

/** The web dashboard: its page and the files that the page names. They are put into this bundle when it is made. */
export const handler = serveFiles(files);
