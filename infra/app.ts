import { App } from 'aws-cdk-lib';
import featureFlags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { bundleFunctions } from '#scripts/bundle.ts';
import { readSettings } from './settings.ts';
import { MusterStack } from './stack.ts';

/**
 * Builds the app of one stage; `synth()` on it writes the template and its assets into `outdir`. The functions must be
 * bundled first. `settings` take precedence over the context of the CDK command line.
 */
export function buildApp(options: { outdir?: string; settings?: Record<string, string> } = {}): App {
  const { settings = {}, ...where } = options;
  // Flags are set here instead of in cdk.json, so that building in process gives the same template.
  const app = new App({ analyticsReporting: false, context: featureFlags, ...where });
  const props = readSettings(app, settings);
  new MusterStack(app, `Muster-${props.stage}`, props);
  return app;
}

if (import.meta.main) {
  await bundleFunctions();
  buildApp().synth();
}
