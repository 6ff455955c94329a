import { exportWorkflowId } from '../../src/temporal/names';
import type { Progress } from '../../src/workflows/messages';
import { progressQuery } from '../../src/workflows/messages';
import { exportBody } from '../support/builders';
import type { Approval, NotedDeed } from './facts';
import type { Invariants } from './invariants';
import type { Deed, DeedKind, Delivery } from './scenario';
import { destinationName, type Gateway, type World } from './world';

/** In ms. The curation tool tries again when it got no 202. */
const sendAgainMs = 20_000;

/** The people and tools outside: they send deliveries and make decisions through the gateways. */
export class People {
  private deeds = 0;

  constructor(
    private readonly world: World,
    private readonly invariants: Invariants,
    private readonly onDeed: (kind: DeedKind, answer: 'accepted' | 'refused') => void,
  ) {}

  /** Sends the delivery until a gateway answers 202. */
  deliver(delivery: Delivery): void {
    const { world } = this;
    const { issue, project, labelIds } = delivery;
    const issueId = this.issueIdOf(issue);
    const body = Buffer.from(JSON.stringify(exportBody(issueId, labelIds, { project })));
    const gateway = this.anyGateway();
    let isAnswered = false;
    const tryAgain = (): void => {
      if (isAnswered) return;
      isAnswered = true;
      world.timeline.after(0, `the sender of ${issueId} tries again`, () => this.deliver(delivery));
    };
    world.timeline.after(sendAgainMs, 'the sender waits no longer', tryAgain);
    if (!gateway) return;
    world.deliver(gateway, body).then(
      (requestId) => {
        const at = world.timeline.now;
        // a 202 is a promise even if the sender did not wait for it
        this.invariants.accepted.push({ requestId, issueId, project, at });
        world.trace.add(
          at,
          `${gateway.machine.name} answers 202 for ${requestId}: ${issueId} ${project} ${labelIds.join(' ')}`,
        );
        isAnswered = true;
      },
      (error: Error) => {
        world.trace.add(world.timeline.now, `${gateway.machine.name} refuses a delivery: ${error.message}`);
      },
    );
  }

  /** A deed that is refused, or that nothing answers, has no consequence here. */
  do(deed: Deed): void {
    const gateway = this.anyGateway();
    if (!gateway) return;
    const { world } = this;
    world.trace.add(world.timeline.now, `a person: ${deed.what} ${this.issueIdOf(deed.issue)}`);
    gateway.machine
      .run(() => this.perform(gateway, deed))
      .then(
        () => this.onDeed(deed.what, 'accepted'),
        (error: Error) => {
          world.trace.add(world.timeline.now, `refused: ${error.message}`);
          this.onDeed(deed.what, 'refused');
        },
      );
  }

  /** Approves, resumes and releases whatever waits, so that everything comes to an end. */
  async settle(gateway: Gateway, issueId: string, round: number): Promise<void> {
    const progress = await readProgress(gateway, issueId);
    const { api } = gateway;
    const by = this.newName();
    if (progress)
      this.world.trace.add(
        this.world.timeline.now,
        `${issueId} is ${progress.stage}, revision ${progress.revision}: ${progress.pausedBecause ?? 'not paused'}`,
      );
    await api.resumeDestination({ destination: destinationName, by, through: 'api' }).catch(() => undefined);
    if (progress?.pausedBecause !== undefined) {
      if (round > 5 && progress.pausedBy === 'service')
        this.invariants.onStuck(issueId, progress.pausedBecause);
      // after a reset or a damage a plan may differ from the approved one for good: the way on is to cancel
      const { hasResets, hasDamage } = this.world.scenario;
      const action = (hasResets || hasDamage) && round > 5 ? 'cancel' : 'resume';
      if (action === 'cancel') this.noteDeed(by, issueId, 'cancel');
      await api.steer({ issueId, action, by, through: 'api' });
    }
    if (progress?.approval.question !== undefined) await this.approve(gateway, issueId, progress);
  }

  /** Replays a held delivery; drops it when that does not help. */
  async release({ api }: Gateway, sha256: string, round: number): Promise<void> {
    if (round <= 5) await api.replay({ sha256, force: false, by: 'caretaker' });
    else await api.drop({ sha256, by: 'caretaker', reason: 'It cannot be replayed.' });
  }

  private async perform(gateway: Gateway, { issue, what, draw }: Deed): Promise<void> {
    const issueId = this.issueIdOf(issue);
    const { api } = gateway;
    const by = this.newName();
    const person = { issueId, by, through: 'api' } as const;
    switch (what) {
      case 'approve':
      case 'approve-some':
        return this.approve(gateway, issueId, await readProgress(gateway, issueId), what === 'approve-some');
      case 'approve-by-signal': {
        const progress = await readProgress(gateway, issueId);
        if (!progress) return;
        return this.signalApproval(gateway, { by, issueId, revision: progress.revision });
      }
      case 'approve-bare':
        return this.signalApproval(gateway, { by, issueId });
      case 'approve-oddly':
        return this.signalOddly(gateway, issueId, draw);
      case 'reject': {
        const progress = await readProgress(gateway, issueId);
        if (!progress) return;
        this.noteDeed(by, issueId, 'reject');
        await api.decide({ ...person, decision: 'reject', revision: progress.revision });
        return;
      }
      case 'reject-by-signal':
        this.noteDeed(by, issueId, 'reject');
        return gateway.signal(issueId, 'reject', { by });
      case 'pause':
      case 'resume':
      case 'cancel':
        if (what === 'cancel') this.noteDeed(by, issueId, 'cancel');
        await api.steer({ ...person, action: what });
        return;
      case 'pause-by-signal':
        return gateway.signal(issueId, 'pause', { by });
      case 'resume-by-signal':
        return gateway.signal(issueId, 'resume', { by });
      case 'cancel-in-temporal':
        this.noteDeed(by, issueId, 'cancel');
        return gateway.cancel(issueId);
      case 'pause-destination':
        await api.pauseDestination({ destination: destinationName, by });
        return;
      case 'resume-destination':
        await api.resumeDestination({ destination: destinationName, by, through: 'api' });
        return;
      case 'again':
      case 'again-all': {
        const { requestId } = await api.again({ ...person, reason: 'again', all: what === 'again-all' });
        this.noteAccepted(requestId, issueId);
        return;
      }
      case 'replay': {
        const sha256 = this.deliveryOf(issueId);
        if (sha256 === undefined) throw new Error('Nothing was delivered.');
        const { requestId } = (await api.replay({ sha256, force: false, by })) as { requestId: string };
        this.noteAccepted(requestId, issueId);
        return;
      }
      case 'drop': {
        const sha256 = this.deliveryOf(issueId);
        if (sha256 !== undefined) await api.drop({ sha256, by, reason: 'It is not needed.' });
      }
    }
  }

  private async approve(
    gateway: Gateway,
    issueId: string,
    progress: Progress | undefined,
    some = false,
  ): Promise<void> {
    if (!progress || progress.approval.question === undefined) throw new Error('No question is open.');
    const { revision, plan, labels } = progress;
    const upTo = some ? Math.max(1, Math.ceil(labels.planned / 2)) : labels.planned;
    const by = this.newName();
    this.noteApproval({ by, issueId, revision, upTo, ...(plan === undefined ? {} : { plan }) });
    await gateway.api.decide({
      issueId,
      by,
      through: 'api',
      decision: 'approve',
      revision,
      ...(plan === undefined ? {} : { plan }),
      ...(some ? { upTo } : {}),
    });
  }

  private async signalApproval(gateway: Gateway, approval: Omit<Approval, 'upTo' | 'at'>): Promise<void> {
    const { issueId, by, revision } = approval;
    this.noteApproval({ ...approval, upTo: Infinity });
    await gateway.signal(issueId, 'approve', { by, ...(revision === undefined ? {} : { revision }) });
  }

  /** Signals what a person might type. Only what certainly means yes approves. */
  private async signalOddly(gateway: Gateway, issueId: string, draw: number): Promise<void> {
    const progress = await readProgress(gateway, issueId);
    const revision = progress?.revision ?? '';
    const by = this.newName();
    const yes = { issueId, by, upTo: Infinity };
    const known: readonly [unknown, Omit<Approval, 'at'> | undefined][] = [
      [true, yes],
      ['yes', yes],
      [null, yes],
      ['true', yes],
      [JSON.stringify(JSON.stringify({ by, revision })), { ...yes, revision }],
      [
        { by, revision, upTo: 1 },
        { ...yes, revision, upTo: 1 },
      ],
      [{ by, revision, upTo: 1000 }, undefined],
      [{ by, revision, upto: 1 }, undefined],
      [{ by, revision, upTo: null }, undefined],
      [{ by, revision: '0123456789ab' }, undefined],
      [{ by, revision, approved: false }, undefined],
      ['no', undefined],
      [false, undefined],
      [1, undefined],
      ['please approve', undefined],
    ];
    const [argument, approval] = known[draw % known.length]!;
    if (approval) this.noteApproval(approval);
    await gateway.signal(issueId, 'approve', argument);
  }

  private issueIdOf(issue: number): string {
    return this.world.scenario.issueIds[issue]!;
  }

  private noteApproval(approval: Omit<Approval, 'at'>): void {
    this.invariants.approvals.push({ ...approval, at: this.world.timeline.now });
  }

  private noteDeed(by: string, issueId: string, what: NotedDeed['what']): void {
    this.invariants.deeds.push({ by, issueId, what, at: this.world.timeline.now });
  }

  private noteAccepted(requestId: string, issueId: string): void {
    const { accepted } = this.invariants;
    if (accepted.some((known) => known.requestId === requestId)) return;
    const project = accepted.find((known) => known.issueId === issueId)?.project ?? '';
    accepted.push({ requestId, issueId, project, at: this.world.timeline.now });
  }

  private deliveryOf(issueId: string): string | undefined {
    const issue = `"id":"${issueId}"`;
    for (const [key, bytes] of this.world.disk.files)
      if (key.startsWith('deliveries/') && bytes.includes(issue)) return key.slice('deliveries/'.length);
    return undefined;
  }

  private anyGateway(): Gateway | undefined {
    const able = this.world.gateways.filter(({ machine }) => machine.state === 'running');
    return able.length === 0 ? undefined : this.world.random.pick(able);
  }

  private newName(): string {
    return `person-${(this.deeds += 1)}`;
  }
}

async function readProgress({ client }: Gateway, issueId: string): Promise<Progress | undefined> {
  return client.workflow.getHandle(exportWorkflowId(issueId)).query(progressQuery);
}
