/** Made by `scripts/dashboard.ts` when the functions are bundled. */
declare module 'muster:dashboard-files' {
  export interface EmbeddedFile {
    /** For the header Content-Type. */
    type: string;
    /** The gzipped contents in base64, as Lambda answers with them. */
    gzipped: string;
  }

  /** Files by name. All but the page are named after their contents. */
  export type EmbeddedFiles = Readonly<Record<string, EmbeddedFile>>;

  export const files: EmbeddedFiles;
}
