import type { Command } from 'commander';
import { wrongUsage } from '../failure.ts';
import { readStdin } from '../fields.ts';
import { profilesFile, readProfiles, writeProfiles } from '../profiles.ts';
import { outputOf } from '../session.ts';
import { table } from '../views/table.ts';

export function addProfileCommands(program: Command): void {
  const profile = program.command('profile').description('Save connections to deployed instances');
  addAdd(profile);
  profile
    .command('list')
    .description('List profiles, without the secrets of their keys')
    .action((_options: unknown, command: Command) => list(command));
  profile
    .command('remove')
    .description('Remove a profile')
    .argument('<name>')
    .action((name: string) => {
      const profiles = readProfiles();
      if (!profiles.delete(name)) throw wrongUsage(`Profile ${name} not found.`, 'See: muster profile list');
      writeProfiles(profiles);
      console.error(`Removed ${name}.`);
    });
}

function addAdd(parent: Command): void {
  parent
    .command('add')
    .description('Add or update a profile; then use --profile NAME')
    .argument('<name>')
    .requiredOption('--url <url>', 'Address: ApiUrl of the deployed stack')
    .requiredOption('--key <key>', 'API key; - reads it from stdin, which keeps it out of the shell history')
    .action(async (name: string, options: { url: string; key: string }) => {
      if (!/^https?:\/\//.test(options.url) || !URL.canParse(options.url)) {
        throw wrongUsage(`--url is not a valid address: "${options.url}".`, 'Use an address such as https://host.');
      }
      const key = options.key === '-' ? await readStdin() : options.key;
      if (!key.startsWith('mst_')) throw wrongUsage('--key is not an API key of Muster.', 'Keys start with mst_.');
      writeProfiles(readProfiles().set(name, { url: options.url, key }));
      console.error(`Added ${name} to ${profilesFile()}. Try: muster --profile ${name} health`);
    });
}

function list(command: Command): void {
  const profiles = [...readProfiles()].map(([name, { url, key }]) => {
    return { name, url, key_id: key.split('_')[1] };
  });
  const output = outputOf(command);
  if (output.json) for (const one of profiles) output.item(one, String);
  else if (profiles.length === 0) console.log('No profiles. Add one: muster profile add NAME --url URL --key KEY');
  else console.log(table(columns, profiles));
}

const columns = [
  { title: 'PROFILE', value: (profile: { name: string }) => profile.name },
  { title: 'URL', value: (profile: { url: string }) => profile.url },
  { title: 'KEY', value: (profile: { key_id: string | undefined }) => profile.key_id },
];
