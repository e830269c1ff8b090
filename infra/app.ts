import { App, Tags } from 'aws-cdk-lib';
import featureFlags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { bundleFunctions } from '#scripts/bundle.ts';
import { readSettings } from './settings.ts';
import { MusterStack } from './stack.ts';

/**
 * Builds the app of one stage; `synth()` on it writes the template and its assets into `outdir`.
 * `settings` and `stage` win over the context of the CDK command line. The functions must be bundled before.
 */
export function buildApp(options: { stage?: string; outdir?: string; settings?: Record<string, string> } = {}): App {
  const { stage, outdir, settings: given } = options;
  // Flags are set here rather than in cdk.json, so that the template is the same when it is built in process.
  const app = new App({ analyticsReporting: false, context: featureFlags, ...(outdir !== undefined && { outdir }) });
  const settings = readSettings(app, { ...given, ...(stage !== undefined && { stage }) });
  new MusterStack(app, `Muster-${settings.stage}`, { settings });
  Tags.of(app).add('project', 'muster');
  Tags.of(app).add('stage', settings.stage);
  return app;
}

if (import.meta.main) {
  await bundleFunctions();
  buildApp().synth();
}
