/** Refused wording, and what to say instead: one word per thing, in the field's standard terms. */
export interface RefusedWord {
  pattern: RegExp;
  better: string;
  /** Files where it has a different meaning. */
  except?: { files: readonly string[]; because: string };
}

export const refusedWords: readonly RefusedWord[] = [
  // One word per thing.
  { pattern: /\blost hints?\b/i, better: 'lost wake-up' },
  {
    pattern: /\bsettl(e|es|ed|ing)\b/i,
    better: 'free the slot; end',
    except: {
      files: ['clients/python/src/muster/_tracing.py'],
      because: 'OpenTelemetry calls the reports of a consumer so',
    },
  },
  { pattern: /\bleftovers?\b/i, better: 'stale offers' },
  { pattern: /\bstubs?\b/i, better: 'placeholder' },
  { pattern: /\bdependency marks?\b/i, better: 'dependency state' },
  { pattern: /\bhand(ed|s)?[ -]over\b/i, better: 'task context; pass, include' },
  { pattern: /\bpresence\b/i, better: 'last seen' },
  { pattern: /\bg(i|a)v(e|es|en|ing)( \w+)? back\b/i, better: 'requeue, release' },
  { pattern: /\bplace in (its|the|a) lane\b/i, better: 'position' },
  { pattern: /\b(put|set)(s|ting)? aside\b/i, better: 'dead-letter' },
  { pattern: /\bdoors?\b/i, better: 'transport' },
  {
    pattern: /\b(an?|its|the|your|'s) inbox\b/i,
    better: 'holding',
    except: {
      files: ['docs/architecture.md', 'docs/README.md'],
      because: 'they explain storage, where the attribute has this name',
    },
  },
  { pattern: /\b(finished|closed) (task|graph)s?\b/i, better: 'ended' },
  { pattern: /\b(is|are) final\b/i, better: 'has ended; permanent' },
  {
    pattern: /\b(attempt|delay|lease|run|task|timeout)s? (is|are|was|were|has been) over\b/i,
    better: 'expired, ended',
  },

  // Wording that reads like a translation.
  { pattern: /\bmend(s|ed|ing)?\b/i, better: 'fix' },
  { pattern: /\bsigns? of life\b/i, better: 'heartbeat; is not responding' },
  { pattern: /\ball the time\b/i, better: 'too much contention' },
  { pattern: /\bjust now\b/i, better: 'temporarily' },
  { pattern: /\bmay not do\b/i, better: 'insufficient scope' },
  { pattern: /\bmust not be worked on\b/i, better: 'not ready until' },
  { pattern: /\bcircles?\b/i, better: 'dependency cycle: a -> b -> a' },
  { pattern: /\bsays? that (you|it|they)\b/i, better: 'start, send, report' },
  { pattern: /\btells? (its|the|their) progress\b/i, better: 'report progress' },
  { pattern: /\blost answers?\b|\banswer is given again\b/i, better: 'a lost response can be redelivered' },
  { pattern: /\b(a look|looks? at one)\b/i, better: 'get' },
  { pattern: /\bsee whether\b/i, better: 'check' },
  { pattern: /\bsums? up\b/i, better: 'statistics' },
  { pattern: /\bwork flows\b/i, better: 'system health' },
  { pattern: /\bit can now do\b/i, better: 'pending tasks that match' },
  { pattern: /\bgrowing wait\b/i, better: 'backoff' },
  { pattern: /\b(some|any)body\b|\bwhoever\b/i, better: 'name the role, or use the passive' },
  { pattern: /\bfor ever\b/i, better: 'forever; without starvation' },
  { pattern: /\bby (it|them)(self|selves)\b/i, better: 'automatically; without intervention' },
  { pattern: /\bdearer\b/i, better: 'more expensive' },
  { pattern: /\btold\b/i, better: 'emitted, reported, passed' },
  { pattern: /\bstands\b/i, better: 'is' },
  { pattern: /\bbelongs? into\b/i, better: 'use, go into' },
  { pattern: /\bthe \w+ (wants?|says itself)\b/i, better: 'needs, requires' },

  // American English, without gendered pronouns.
  {
    pattern: /(behavio|colo|hono|neighbo)ur|\b(organ|recogn|summar|synthes|standard)is(e|ed|es|ing)\b/i,
    better: 'American spelling',
  },
  { pattern: /\b(analys(e|ed|ing)|cent(re|red|res)|licence|misspelt|totalling)\b/i, better: 'American spelling' },
  { pattern: /[\d…] %/, better: '%, without a space' },
  { pattern: /\b(he|she|him|his|her|hers)\b/i, better: 'they, or the role' },
];
