import manifest from '../../package.json' with { type: 'json' };

/** The version of this Muster: that of package.json, which is the only place to change it. */
export const version = manifest.version;
