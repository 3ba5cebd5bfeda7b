/** The version of package.json, put in by the build. */
declare const __CAIRN_VERSION__: string | undefined;

export const version = typeof __CAIRN_VERSION__ === 'string' ? __CAIRN_VERSION__ : '0.0.0-source';
