/* Written by `npm run generate` from the table of operations: do not edit. */
import type { CallOptions } from './call-options.ts';
import type * as types from './types.ts';

/**
 * One method per operation: createTask for create_task. Each rejects with a MusterError if it is refused or gets no
 * response.
 */
export interface OperationMethods {
  /**
   * Submit a task. The task becomes pending when all its dependencies are completed; it is then assigned to the
   * best capable agent (routing=auto) or waits to be claimed or assigned. Returns at once: read the result later
   * with get_task. For tasks that depend on each other, use submit_graph.
   */
  createTask(input: types.TaskInput, options?: CallOptions): Promise<types.Task>;

  /**
   * Get a task with its content, result, error and history. Use it to follow a task and read its result. To find
   * out why a task is not running, use explain_task; to list tasks, use query_tasks.
   */
  getTask(input: types.GetTaskInput, options?: CallOptions): Promise<types.Task>;

  /**
   * List tasks, with filters and paging. Waiting and blocked tasks come first, then delayed, assigned and running
   * ones, then ready ones, then ended ones from the newest end on; each page is sorted newest first, by ended_at
   * or else created_at. A page can have fewer tasks than the limit, or none, and still have a next_cursor:
   * continue until next_cursor is absent. A task that exists throughout the listing appears at least once, unless
   * it moves back (is retried or released) each time just before the listing, which looks twice, reaches it. A
   * task that moves may appear twice: drop the repeats.
   */
  queryTasks(input?: types.QueryTasksInput, options?: CallOptions): Promise<types.QueryTasksOutput>;

  /**
   * List an agent's tasks, or pending tasks in the order they should run. With agent_id: the tasks that the agent
   * holds, assigned and running; with status=pending, the tasks it could take, best first. Without agent_id: all
   * pending tasks. Read-only: use claim_tasks to get work.
   */
  pollTasks(input?: types.PollTasksInput, options?: CallOptions): Promise<types.PollTasksOutput>;

  /**
   * Assign a pending task to a specific agent. For tasks with routing=manual, or to override the router: tasks
   * with routing=auto are assigned automatically. A task that the router assigned can be reassigned until it is
   * started. Ignores the retry delay. Repeating the call with the same agent returns the same response.
   */
  assignTask(input: types.AssignTaskInput, options?: CallOptions): Promise<types.Task>;

  /**
   * Recommend an agent for a task. Read-only: to assign the task to selected_agent, use assign_task. For a task
   * that is already held, selected_agent is the holder, unless excluded.
   */
  routeTask(input: types.RouteTaskInput, options?: CallOptions): Promise<types.RouteTaskOutput>;

  /**
   * Start an assigned task. Call it promptly: an assigned task that is not started goes to another agent. Tasks
   * from claim_tasks are already started, unless start was false.
   */
  startTask(input: types.StartTaskInput, options?: CallOptions): Promise<types.Task>;

  /**
   * Complete a running task and report its result. Safe to repeat: the same completion counts once and returns the
   * same response. With claim_next, also claims the next tasks, which may be dependents that this completion
   * releases.
   */
  completeTask(input: types.CompleteTaskInput, options?: CallOptions): Promise<types.CompleteTaskOutput>;

  /**
   * Report that a held task failed. With should_retry, the task is retried with backoff until max_attempts is
   * reached; otherwise it fails permanently. To return a task without a failure, use release_task.
   */
  failTask(input: types.FailTaskInput, options?: CallOptions): Promise<types.TaskSummary>;

  /**
   * Extend the lease and report progress. Call it regularly while working, well before lease_expires_at: a task
   * whose lease expires goes to another agent.
   */
  heartbeatTask(input: types.HeartbeatTaskInput, options?: CallOptions): Promise<types.HeartbeatTaskOutput>;

  /**
   * Claim work: tasks already assigned to the agent, then the best matching tasks. Each task comes with its
   * content, the results of its dependencies and the attempt to send with every report. List the current tasks in
   * holding, so that a lost response can be redelivered. An agent that registered with an instance names it here
   * and in every report: tasks that an earlier instance held come as a new attempt.
   */
  claimTasks(input: types.ClaimTasksInput, options?: CallOptions): Promise<types.ClaimTasksOutput>;

  /**
   * Cancel a task that has not ended. Takes effect at once; an agent working on the task finds out from its next
   * report. Dependents are blocked, cancelled or run, according to their on_dependency_failure.
   */
  cancelTask(input: types.CancelTaskInput, options?: CallOptions): Promise<types.Task>;

  /**
   * Retry a failed or cancelled task. Use it after fixing the cause. Failed runs with attempts left are retried
   * automatically.
   */
  retryTask(input: types.RetryTaskInput, options?: CallOptions): Promise<types.Task>;

  /** List the tasks that depend on a task */
  listDependents(input: types.ListDependentsInput, options?: CallOptions): Promise<types.ListDependentsOutput>;

  /**
   * Cancel the open tasks that match a filter. Repeat with next_cursor until it is absent. For a whole graph, use
   * cancel_graph.
   */
  cancelTasks(input?: types.CancelTasksInput, options?: CallOptions): Promise<types.CancelTasksOutput>;

  /**
   * Retry the failed and cancelled tasks that match a filter. Repeat with next_cursor until it is absent. For a
   * whole graph, use retry_graph.
   */
  retryTasks(input?: types.RetryTasksInput, options?: CallOptions): Promise<types.RetryTasksOutput>;

  /**
   * Submit up to 100 tasks at once. Each task is created or refused individually; results are in the order of the
   * tasks. One invalid task refuses the whole batch. With an idempotency_key on each task, it is safe to send the
   * batch again. For tasks that depend on each other, use submit_graph.
   */
  createTasks(input: types.CreateTasksInput, options?: CallOptions): Promise<types.CreateTasksOutput>;

  /**
   * Release a held task without using up an attempt. The task goes back to pending and is not offered to the same
   * agent for 10 minutes. With exclude=false (for a restart), it can be offered again at once.
   */
  releaseTask(input: types.ReleaseTaskInput, options?: CallOptions): Promise<types.TaskSummary>;

  /**
   * Explain why a task is not running. Start here when a task seems stuck: it names the missing dependency,
   * capability, agent or time, in facts and one sentence.
   */
  explainTask(input: types.ExplainTaskInput, options?: CallOptions): Promise<types.ExplainTaskOutput>;

  /**
   * Submit a graph of dependent tasks, all or nothing. At most 5,000 dependencies in total: each is a key of a
   * task in this graph or the id of an existing task. With dry_run nothing is created: the response has the
   * execution order, the critical path and the tasks that no registered agent can do.
   */
  submitGraph(input: types.SubmitGraphInput, options?: CallOptions): Promise<types.SubmitGraphOutput>;

  /**
   * Get a graph: progress and tasks. The listed tasks may be a second old, and the counts are those of the listed
   * tasks. is_settled is never early.
   */
  getGraph(input: types.GetGraphInput, options?: CallOptions): Promise<types.GetGraphOutput>;

  /** List graphs with their progress, newest first. Counts may be a few seconds old. */
  listGraphs(input?: types.ListGraphsInput, options?: CallOptions): Promise<types.ListGraphsOutput>;

  /** Cancel all tasks of a graph that have not ended. Tasks that are retried afterwards are not cancelled again. */
  cancelGraph(input: types.CancelGraphInput, options?: CallOptions): Promise<types.CancelGraphOutput>;

  /**
   * Retry all tasks of a graph that failed or were cancelled. Blocked tasks return to waiting when their
   * dependencies are retried.
   */
  retryGraph(input: types.RetryGraphInput, options?: CallOptions): Promise<types.RetryGraphOutput>;

  /**
   * Register an agent and its capabilities. Required once before the agent can receive work. Registering again
   * replaces the declared capabilities and the maximum; the track record and learned capabilities are kept. With
   * an instance, the agent id belongs to one process at a time: another one is refused until the first has stopped
   * or been silent for 60 seconds.
   */
  registerAgent(input?: types.RegisterAgentInput, options?: CallOptions): Promise<types.Agent>;

  /** Get an agent: capabilities, load, state and the tasks it holds */
  getAgent(input: types.GetAgentInput, options?: CallOptions): Promise<types.Agent>;

  /**
   * Find agents that have all required capabilities. Without requirements, lists all agents. Capabilities match
   * exactly: "sql" does not match "nosql". A page can have fewer agents than the limit, or none, and still have a
   * next_cursor: continue until next_cursor is absent.
   */
  findAgents(input?: types.FindAgentsInput, options?: CallOptions): Promise<types.FindAgentsOutput>;

  /**
   * Remove an agent and requeue the tasks it holds. To keep the agent but give it no new tasks, use drain_agent.
   * An unknown agent is not an error: deregistered is false.
   */
  deregisterAgent(input: types.DeregisterAgentInput, options?: CallOptions): Promise<types.DeregisterAgentOutput>;

  /** Add a learned capability to an agent. Pending tasks that match are offered. */
  learnCapability(input: types.LearnCapabilityInput, options?: CallOptions): Promise<types.Agent>;

  /**
   * Record the outcome of work done outside the queue. Not needed for queued tasks: complete_task and fail_task
   * already record their outcome. With task_id, each outcome counts once: nothing is recorded for a queued task or
   * one that was already reported.
   */
  updateAgentPerformance(input: types.UpdateAgentPerformanceInput, options?: CallOptions): Promise<types.AgentHealth>;

  /** Get an agent's track record, load and status */
  getAgentHealth(input: types.GetAgentHealthInput, options?: CallOptions): Promise<types.AgentHealth>;

  /**
   * Send an agent heartbeat. Extends the leases of the running tasks listed in holding, and reports which of them
   * the agent no longer holds and why.
   */
  heartbeatAgent(input: types.HeartbeatAgentInput, options?: CallOptions): Promise<types.HeartbeatAgentOutput>;

  /**
   * Drain an agent: it finishes the tasks it holds and gets no new ones. The agent drains until it is resumed,
   * even if it registers again. With until_registered=true (for a restart), its next registration ends the drain.
   */
  drainAgent(input: types.DrainAgentInput, options?: CallOptions): Promise<types.Agent>;

  /** Resume a draining agent */
  resumeAgent(input: types.ResumeAgentInput, options?: CallOptions): Promise<types.Agent>;

  /**
   * Queue statistics: counts by status, rates and times. completed, failed and cancelled are totals that include
   * deleted tasks. oldest_pending_seconds is how long the task next in line has been ready, the maximum over all
   * lanes.
   */
  getQueueStatistics(
    input?: types.GetQueueStatisticsInput,
    options?: CallOptions,
  ): Promise<types.GetQueueStatisticsOutput>;

  /**
   * Fleet statistics: agents, utilization, success rate and skills. With more than 10 agents it is a snapshot, at
   * most a few minutes old: see as_of.
   */
  getAgentStatistics(
    input?: types.GetAgentStatisticsInput,
    options?: CallOptions,
  ): Promise<types.GetAgentStatisticsOutput>;

  /** Routing statistics: assignment rate and balance across agents */
  getRoutingStatistics(
    input?: types.GetRoutingStatisticsInput,
    options?: CallOptions,
  ): Promise<types.GetRoutingStatisticsOutput>;

  /** Check system health: queue, agents and routing. An empty system is healthy. */
  getHealth(input?: types.GetHealthInput, options?: CallOptions): Promise<types.GetHealthOutput>;

  /** Get recommended actions, with the evidence */
  getRecommendations(
    input?: types.GetRecommendationsInput,
    options?: CallOptions,
  ): Promise<types.GetRecommendationsOutput>;

  /**
   * Recount the open tasks, page by page. Rebuilds the counts of waiting, blocked, pending, assigned and running
   * tasks while work continues; totals of ended tasks do not change. Starts a recount, or joins the one in
   * progress. Repeat it with next_cursor, about once a second, until there is none. Nothing is read in the first
   * 15 seconds, or until the statistics have caught up.
   */
  recount(input?: types.RecountInput, options?: CallOptions): Promise<types.RecountOutput>;

  /**
   * Create an API key; it is shown only once. A key of role agent can read everything and act as its agent and as
   * agents named after it (`writer@host`). It can register them with any capability, so they may be given any
   * task. `capabilities` and `max_concurrent_tasks` limit that. They apply to later registrations, not to what the
   * agent already has.
   */
  createKey(input: types.CreateKeyInput, options?: CallOptions): Promise<types.CreateKeyOutput>;

  /** List API keys, without their secrets */
  listKeys(input?: types.ListKeysInput, options?: CallOptions): Promise<types.ListKeysOutput>;

  /** Revoke an API key; takes effect within a minute */
  revokeKey(input: types.RevokeKeyInput, options?: CallOptions): Promise<types.KeySummary>;

  /** Get what the key of this call may do, and where */
  getCaller(input?: types.GetCallerInput, options?: CallOptions): Promise<types.GetCallerOutput>;

  /** The OpenAPI 3.1 description of this service */
  openapi(input?: types.OpenapiInput, options?: CallOptions): Promise<types.OpenapiOutput>;
}
