import { render } from 'preact';
import { App } from './app.tsx';
import { sessionKey } from './data/session.ts';

const place = document.getElementById('app');
const initialKey = await sessionKey();
if (place) render(<App initialKey={initialKey} />, place);
