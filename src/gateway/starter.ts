import type { Client } from '@temporalio/client';
import { setTimeout as delay } from 'node:timers/promises';
import type { ExportRequest } from '../domain/request';
import { inboxEntries, type InboxEntry, listInbox, readInboxEntry, updateHandOver } from '../payloads/inbox-entry';
import type { PayloadStore } from '../payloads/payload-store';
import type { Logger } from '../telemetry/logger';
import { handOver, within } from './hand-over';
import { type RunState, runStateOf } from './run-state';

/** Gives accepted requests to Temporal, and looks after them until their report is written. */
export interface Starter {
  /** A new entry is in the inbox. Returns at once. */
  accepted(request: ExportRequest): void;
  /** Begins with everything the inbox holds. Does not wait for Temporal. @throws when the inbox cannot be read. */
  start(): Promise<void>;
  close(): Promise<void>;
  temporalState(): TemporalState;
}

export interface TemporalState {
  readonly reachable: boolean;
  /** The last thing that went wrong, while it is away. */
  readonly message?: string;
}

export interface StarterDeps {
  readonly store: PayloadStore;
  readonly client: Client;
  readonly logger: Logger;
  /** Registers search attributes that a new database lost. */
  readonly ensureAttributes: () => Promise<void>;
  readonly times?: Partial<StarterTimes>;
}

/** Milliseconds. */
export interface StarterTimes {
  /** Every entry's run is described this often. */
  readonly sweepMs: number;
  /** Temporal is asked this often whether it is there, and whether its database is still the same. */
  readonly pingMs: number;
  /** Between attempts while Temporal is away: from the first, doubled up to the second. */
  readonly backOffMs: number;
  readonly longestBackOffMs: number;
  /** Between refusals that look final: a namespace or attribute may be missing for a moment while a server starts. */
  readonly refusedMs: number;
}

const usualTimes: StarterTimes = { sweepMs: 120_000, pingMs: 5000, backOffMs: 200, longestBackOffMs: 10_000, refusedMs: 2000 };

/** Issues whose requests are handed over at once. */
const lanesAtOnce = 16;
/** Repetitions of one body that are handed over at once. */
const repetitionsAtOnce = 32;
/** Refusals, and closes with the entry still there, after which nobody tries any more. */
const tries = 3;

/** The first of a lane and its repetitions right behind it: among the same body the order does not matter. */
function firstOf(lane: readonly ExportRequest[]): ExportRequest[] {
  const [first] = lane;
  if (!first) return [];
  const other = lane.findIndex((request) => request.sha256 !== first.sha256 || request.force !== first.force);
  return lane.slice(0, Math.min(repetitionsAtOnce, other < 0 ? lane.length : other));
}

export function createStarter(deps: StarterDeps): Starter {
  return new InboxStarter(deps);
}

/** One lane an issue: its requests are handed over one after the other, in order; issues do not wait for each other. */
class InboxStarter implements Starter {
  private readonly times: StarterTimes;
  private readonly lanes = new Map<string, ExportRequest[]>();
  /** Issues whose lanes have somebody working on them. */
  private readonly busy = new Set<string>();
  private readonly stop = new AbortController();
  private readonly loops: Promise<void>[] = [];
  private state: TemporalState = { reachable: true };
  private namespaceId: string | undefined;
  private sweepWanted = false;

  constructor(private readonly deps: StarterDeps) {
    this.times = { ...usualTimes, ...deps.times };
  }

  accepted(request: ExportRequest): void {
    const lane = this.lanes.get(request.issueId) ?? [];
    if (lane.some(({ requestId }) => requestId === request.requestId)) return;
    lane.push(request);
    lane.sort((a, b) => (a.requestId < b.requestId ? -1 : 1));
    this.lanes.set(request.issueId, lane);
    this.workOnLanes();
  }

  async start(): Promise<void> {
    await listInbox(this.deps.store);
    this.sweepWanted = true;
    this.loops.push(this.sweepLoop(), this.pingLoop());
  }

  async close(): Promise<void> {
    this.stop.abort();
    await Promise.race([Promise.allSettled(this.loops), delay(2000, undefined, { ref: false })]);
  }

  temporalState(): TemporalState {
    return this.state;
  }

  private workOnLanes(): void {
    for (const issueId of this.lanes.keys()) {
      if (this.busy.size >= lanesAtOnce || this.stop.signal.aborted) return;
      if (this.busy.has(issueId)) continue;
      this.busy.add(issueId);
      const work = this.workOnLane(issueId).finally(() => {
        this.busy.delete(issueId);
        this.workOnLanes();
      });
      work.catch((err: unknown) =>
        this.deps.logger.error({ err, issueId }, 'The hand-over of a request failed; the next sweep looks at it again.'),
      );
    }
  }

  private async workOnLane(issueId: string): Promise<void> {
    for (;;) {
      const batch = firstOf(this.lanes.get(issueId) ?? []);
      if (batch.length === 0 || this.stop.signal.aborted) break;
      try {
        await Promise.all(batch.map((request) => this.giveToTemporal(request)));
      } finally {
        const lane = (this.lanes.get(issueId) ?? []).filter((request) => !batch.includes(request));
        if (lane.length > 0) this.lanes.set(issueId, lane);
        else this.lanes.delete(issueId);
      }
    }
  }

  /** Tries until Temporal has taken the request, or has refused it for good. */
  private async giveToTemporal(request: ExportRequest): Promise<void> {
    let refusals = 0;
    for (let attempt = 0; !this.stop.signal.aborted; attempt += 1) {
      const entry = await readInboxEntry(this.deps.store, request.requestId);
      if (!entry || entry.handOver.held !== undefined) return;
      const result = await handOver(this.deps.client, request);
      if (result.kind === 'signalled') {
        this.reached();
        await updateHandOver(this.deps.store, { request, handOver: { ...entry.handOver, runId: result.runId } });
        return;
      }
      if (result.kind === 'unreachable') {
        this.lost(result.message);
        await this.pause(this.backOff(attempt));
        continue;
      }
      this.reached();
      refusals += 1;
      if (refusals >= tries) return this.hold(entry, `Temporal refuses it: ${result.message}`);
      if (result.missingAttribute)
        await this.deps
          .ensureAttributes()
          .catch((err: unknown) => this.deps.logger.warn({ err }, 'Search attributes cannot be registered.'));
      await this.pause(this.times.refusedMs);
    }
  }

  private async sweepLoop(): Promise<void> {
    while (!this.stop.signal.aborted) {
      const until = Date.now() + this.times.sweepMs;
      while (Date.now() < until && !this.sweepWanted && !this.stop.signal.aborted) await this.pause(Math.min(250, this.times.sweepMs));
      this.sweepWanted = false;
      if (this.stop.signal.aborted) return;
      await this.sweep().catch((err: unknown) => this.deps.logger.warn({ err }, 'The inbox could not be looked at; it is tried again.'));
    }
  }

  /** Looks at every entry: hands over what no run has, holds what a person ended. */
  private async sweep(): Promise<void> {
    const states = new Map<string, Promise<RunState | undefined>>();
    const unreadable = (requestId: string, err: unknown) =>
      this.deps.logger.error({ err, requestId }, 'An inbox entry cannot be read; its request waits until it is restored or removed.');
    for await (const entry of inboxEntries(this.deps.store, unreadable)) {
      if (this.stop.signal.aborted) return;
      if (entry.handOver.held !== undefined) continue;
      const { runId } = entry.handOver;
      if (runId === undefined) this.accepted(entry.request);
      else if (this.state.reachable) await this.lookAfter(entry, runId, states); // away: looked at when it answers again
    }
  }

  private async lookAfter(entry: InboxEntry, runId: string, states: Map<string, Promise<RunState | undefined>>): Promise<void> {
    const { issueId, requestId } = entry.request;
    const looked = states.get(runId) ?? this.look(issueId, runId);
    states.set(runId, looked);
    const state = await looked;
    if (!state) return;
    if (state.kind === 'running') {
      if (state.runId !== runId) await updateHandOver(this.deps.store, { ...entry, handOver: { ...entry.handOver, runId: state.runId } });
      return;
    }
    const now = await readInboxEntry(this.deps.store, requestId); // its report may be written by now
    if (!now || now.handOver.runId !== runId) return;
    if (state.kind === 'terminated') return this.hold(now, 'A person terminated its workflow. Replay the delivery to release it.');
    await this.giveAgain(now, state);
  }

  private async giveAgain(entry: InboxEntry, state: RunState): Promise<void> {
    const closes = (entry.handOver.closes ?? 0) + (state.kind === 'closed' ? 1 : 0);
    if (state.kind === 'closed' && closes > tries) {
      return this.hold(entry, `Its workflow closed ${tries} times (${state.status}) without a report. Replay the delivery to release it.`);
    }
    if (await updateHandOver(this.deps.store, { request: entry.request, handOver: closes > 0 ? { closes } : {} }))
      this.accepted(entry.request);
  }

  private async look(issueId: string, runId: string): Promise<RunState | undefined> {
    try {
      return await runStateOf(this.deps.client, issueId, runId);
    } catch (error) {
      this.lost(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  /** Nobody tries any more until an operator replays the delivery. */
  private async hold(entry: InboxEntry, why: string): Promise<void> {
    const held = why.slice(0, 300);
    await updateHandOver(this.deps.store, { request: entry.request, handOver: { ...entry.handOver, held } });
    const { requestId, issueId, sha256 } = entry.request;
    this.deps.logger.error({ requestId, issueId, sha256, held }, 'A request is held.');
  }

  /** Notices that Temporal came back, or came back with another database. */
  private async pingLoop(): Promise<void> {
    while (!this.stop.signal.aborted) {
      await this.ping();
      await this.pause(this.times.pingMs);
    }
  }

  private async ping(): Promise<void> {
    const { client } = this.deps;
    try {
      const { namespaceInfo } = await within(client, () =>
        client.workflowService.describeNamespace({ namespace: client.options.namespace }),
      );
      const id = namespaceInfo?.id ?? undefined;
      if (this.namespaceId !== undefined && id !== this.namespaceId) this.sweepWanted = true;
      this.namespaceId = id;
      this.reached();
    } catch (error) {
      this.lost(error instanceof Error ? error.message : String(error));
    }
  }

  private reached(): void {
    if (this.state.reachable) return;
    this.state = { reachable: true };
    this.sweepWanted = true;
    this.deps.logger.info('Temporal answers again.');
  }

  private lost(message: string): void {
    if (this.state.reachable)
      this.deps.logger.warn({ message: message.slice(0, 200) }, 'Temporal does not answer; accepted requests wait in the inbox.');
    this.state = { reachable: false, message: message.slice(0, 200) };
  }

  private backOff(attempt: number): number {
    const most = Math.min(this.times.longestBackOffMs, this.times.backOffMs * 2 ** Math.min(attempt, 10));
    return most * (0.5 + Math.random() / 2);
  }

  private async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.stop.signal }).catch(() => undefined);
  }
}
