import manifest from '../../package.json' with { type: 'json' };

/** The version of Muster, from package.json, the only place to change it. */
export const version = manifest.version;
