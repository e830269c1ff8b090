export interface Mutation {
  /** What is removed. */
  name: string;
  file: string;
  text: string;
  instead: string;
  /** Why the simulation cannot detect it: something else does the same. */
  unseen?: string;
}

/**
 * Guards, checkpoints and repairs, each removed in one place. If the text in the product changes, change it here too.
 */
export const mutations: Mutation[] = [
  {
    name: 'the sweep carries out what was decided about a graph',
    file: 'shared/reactions/sweep.ts',
    text: 'if (decision && decision.at < before)',
    instead: 'if (decision && decision.at < 0)',
  },
  {
    name: 'a task is taken only while it is pending',
    file: 'shared/adapters/conditions.ts',
    text: `'#status = :pending'`,
    instead: `':pending = :pending'`,
  },
  {
    name: 'a task is taken only when it is due',
    file: 'shared/adapters/conditions.ts',
    text: `'(attribute_not_exists(#dueAt) OR #dueAt <= :now)'`,
    instead: `':now = :now'`,
  },
  {
    name: 'a report names its attempt',
    file: 'shared/adapters/conditions.ts',
    text: `'#attempt = :attempts'`,
    instead: `':attempts = :attempts'`,
  },
  {
    name: 'a report is that of the holder',
    file: 'shared/adapters/conditions.ts',
    text: `'#status = :running AND #agentId = :agent'`,
    instead: `'#status = :running AND :agent = :agent'`,
  },
  {
    name: 'what is started without a read is assigned',
    file: 'shared/adapters/conditions.ts',
    text: `'#status = :assigned AND #offer = :offer'`,
    instead: `'#offer = :offer AND :assigned = :assigned'`,
    unseen:
      'What has ended has no timer, and a run that begins anew breaks no invariant. test/engine/claims.test.ts shows it.',
  },
  {
    name: 'what is started without a read was assigned under this offer',
    file: 'shared/adapters/conditions.ts',
    text: `'#status = :assigned AND #offer = :offer'`,
    instead: `'#status = :assigned AND :offer = :offer'`,
    unseen:
      'The agent would have to be read as it was before it gave the task back, which another one has by then. test/engine/claims.test.ts shows it.',
  },
  {
    name: 'a task is created once',
    file: 'shared/adapters/tasks.ts',
    text: `const doesNotExist = 'attribute_not_exists(pk)';`,
    instead: `const doesNotExist = 'attribute_not_exists(none)';`,
  },
  {
    name: 'an agent has room for what it is offered',
    file: 'shared/adapters/agents.ts',
    text: `'maximum = :maximum AND size(inbox) <= :room'`,
    instead: `'maximum = :maximum AND :room = :room'`,
  },
  {
    name: 'each try of an offer has a token of its own',
    file: 'shared/adapters/agents.ts',
    text: `[id, this.#random.token(timeoutMs)]`,
    instead: `[id, tried[0]?.[id] ?? this.#random.token(timeoutMs)]`,
    unseen:
      'A try would have to come later than the whole hold: not within 260 seeds. test/engine/offers.test.ts shows it.',
  },
  {
    name: 'a take names the attempts before it',
    file: 'shared/domain/holding.ts',
    text: `agentId: offer.agentId, attempt, now }`,
    instead: `agentId: offer.agentId, attempt: undefined, now }`,
    unseen: 'It takes a late take of a task that its agent has given back: seed 138 sees it.',
  },
  {
    name: 'a slot is freed under its own offer only',
    file: 'shared/adapters/agents.ts',
    text: `'inbox.#task = :token'`,
    instead: `'attribute_exists(inbox) AND :token = :token'`,
  },
  {
    name: 'a draining agent is offered nothing',
    file: 'shared/adapters/agents.ts',
    text: `'#state = :active AND attribute_not_exists(hasLeft) AND attribute_not_exists(leavingSince)'`,
    instead: `'attribute_exists(#state) AND :active = :active'`,
  },
  {
    name: 'a report of other work is counted once',
    file: 'shared/adapters/agents.ts',
    text: `'NOT contains(records, :token)'`,
    instead: `':token = :token'`,
  },
  {
    name: 'a batch of the stream is counted once',
    file: 'shared/adapters/checkpoints.ts',
    text: `'(attribute_not_exists(#checkpoint) OR #checkpoint < :first)'`,
    instead: `':first = :first'`,
  },
  {
    name: 'a minute that is closed has all that was counted in it',
    file: 'shared/adapters/minutes.ts',
    text: `const isUnchanged = 'writes = :writes';`,
    instead: `const isUnchanged = ':writes = :writes';`,
  },
  {
    name: 'a minute that has ended is kept',
    file: 'shared/adapters/minutes.ts',
    text: `if (open) await putMinute(table, open, writes);`,
    instead: '',
  },
  {
    name: 'an outcome is counted with its slot',
    file: 'shared/steps/free-slot.ts',
    text: `outcomeOf(task, offer) ?? { kind: 'none' }`,
    instead: `{ kind: 'none' } as ReturnType<typeof outcomeOf> & {}`,
  },
  {
    name: 'stale offers are cleared',
    file: 'shared/steps/stale-offers.ts',
    text: `if (!hasEnded && !isAbandoned(token, ports.clock.now())) return undefined;`,
    instead: `if (!hasEnded) return undefined;`,
  },
  {
    name: 'the sweep looks at what is due',
    file: 'shared/reactions/sweep.ts',
    text: `await part('timers', () => each('timers', (task) => checkTimer(ports, task)));`,
    instead: '',
  },
  {
    name: 'a failed dependency cancels by its own policy',
    file: 'shared/domain/dependencies.ts',
    text: `policyOf(policies, ordinal) === 'cancel'`,
    instead: `policies.policy === 'cancel'`,
  },
  {
    name: 'the sweep checks dependencies',
    file: 'shared/reactions/sweep.ts',
    text: `await part('checks', () => each('checks', (task) => checkDependent(ports, task)));`,
    instead: '',
  },
  {
    name: 'the sweep leaves live leases alone',
    file: 'shared/reactions/sweep.ts',
    text: `else if (task.leaseUntil + times.leaseGraceMs <= now)`,
    instead: `else`,
  },
  {
    name: 'the parts of a graph are those of one request',
    file: 'shared/adapters/graph-tasks.ts',
    text: `const name = createHash('sha256').update(packed).digest('base64url').slice(0, 22);`,
    instead: `const name = bodyHash;`,
  },
  {
    name: 'the sweep rolls graphs forward',
    file: 'shared/reactions/sweep.ts',
    text: `else await rollForward(ports, graph, { hasTime: hasTimeForIt });`,
    instead: `else return;`,
  },
  {
    name: 'failed events are published again',
    file: 'shared/adapters/events.ts',
    text: `throw isPermanent ? entryRefused(refused?.ErrorCode ?? '', message) : busy(message);`,
    instead: `return;`,
  },
  {
    name: 'the same key makes the same task',
    file: 'shared/operations/tasks/create-task.ts',
    text: `key === undefined ? random.taskId() : idFrom(caller, key)`,
    instead: `key === undefined ? random.taskId() : \`\${idFrom(caller, key).slice(0, 20)}\${random.taskId().slice(20)}\``,
  },
  {
    name: 'the same key has the same body',
    file: 'shared/operations/tasks/create-task.ts',
    text: `if (task.bodyHash !== record.bodyHash) {`,
    instead: `if (task.bodyHash === '') {`,
  },
  {
    name: 'failures are counted',
    file: 'shared/domain/holding.ts',
    text: `const retryCount = task.retryCount + 1;`,
    instead: `const retryCount = task.retryCount;`,
  },
  {
    name: 'a heartbeat beats the sweep',
    file: 'shared/domain/transition.ts',
    text: `...(leaseUntil !== undefined && { leaseUntil }),`,
    instead: '',
    unseen:
      'It takes a heartbeat between the read and the write of a sweep: test/engine/guards.test.ts has a lease renewed so.',
  },
  {
    name: 'a lane is announced',
    file: 'shared/adapters/lane-registrations.ts',
    text: `if (before?.['announced'] !== true) await this.#announce(sk);`,
    instead: '',
    unseen: 'Lanes are read again after five minutes, announced or not: without it, their tasks wait that long.',
  },
  {
    name: 'a lane is seen active before a task is put into it',
    file: 'shared/adapters/tasks.ts',
    text: `if (indexEntry?.in !== 'lane') return;`,
    instead: `return;`,
  },
  {
    name: 'a lane that wakes is not retired',
    file: 'shared/adapters/lane-registrations.ts',
    text: `ConditionExpression: isNotUsedSince,
          ExpressionAttributeValues: { ':usedAt': item['usedAt'] },`,
    instead: '',
    unseen: 'It takes a lane that is used again in the very second in which it turns dormant, after a day.',
  },
  {
    name: 'the slot of a lost race is withdrawn',
    file: 'shared/steps/take-offers.ts',
    text: `await withdrawOffer(ports, agent.id, { taskId: id, token, task }, { asked });`,
    instead: ';',
    unseen: 'The next claim of the agent clears it after a minute. It costs room for that long, not correctness.',
  },
  {
    name: 'the stream frees slots',
    file: 'shared/reactions/publish-changes.ts',
    text: `if (agent?.inbox[taskId] !== offer) return agent;`,
    instead: `if (taskId !== offer) return agent;`,
    unseen: 'The next claim of the agent frees what has ended and counts it: one of the two is enough.',
  },
  {
    name: 'what a process held is a new attempt for the next one',
    file: 'shared/steps/claim-work.ts',
    text: `const isMine = (task: HeldTask) => isDeliveredTo(task, instance);`,
    instead: `const isMine = (task: HeldTask) => isDeliveredTo(task, task.instance);`,
  },
  {
    name: 'two claims of one millisecond are told apart',
    file: 'shared/domain/holding.ts',
    text: `  claimToken: token,`,
    instead: `  claimToken: token.slice(0, 0),`,
    unseen: 'Two claims seldom start a task in one millisecond here: test/engine/instances.test.ts lets sixteen do so.',
  },
  {
    name: 'a process that was replaced claims nothing',
    file: 'shared/domain/instance.ts',
    text: `  if (isCurrent(agent, named)) return;`,
    instead: `  if (isCurrent(agent, named) || named !== '') return;`,
  },
];
