import { setTimeout as delay } from 'node:timers/promises';

/** A started process. */
interface Launched {
  readonly pid: number;
  readonly ended: Promise<unknown>;
}

/**
 * Starts a process. Calls `onPid` as soon as the process exists, and resolves when it is ready.
 * @throws when the process ends before it is ready.
 */
export type Launch = (onPid: (pid: number) => void) => Promise<Launched>;

/** Pause before a part starts again, in ms, as a supervisor makes one. */
const restartMs = 500;

/** A part in a process of its own, which starts again whenever it ends. */
export class Part {
  readonly figures = { kills: 0, freezes: 0, otherExits: 0 };
  private state: 'starting' | 'running' | 'frozen' | 'stopped' = 'starting';
  private pid: number | undefined;
  private ended: Promise<unknown> = Promise.resolve();
  private starting: Promise<void> = Promise.resolve();
  private wasKilled = false;

  constructor(
    readonly name: string,
    private readonly launch: Launch,
  ) {}

  get isRunning(): boolean {
    return this.state === 'running';
  }

  /** Resolves when the part runs. */
  start(): Promise<void> {
    this.starting = this.startUntilReady();
    return this.starting;
  }

  /** Kills the part with SIGKILL. It then starts again. */
  kill(): void {
    this.figures.kills += 1;
    this.wasKilled = true;
    this.state = 'starting';
    this.signal('SIGKILL');
  }

  /** Stops the part with SIGSTOP; resolves once it continues after SIGCONT. */
  async freeze(forMs: number): Promise<void> {
    this.figures.freezes += 1;
    this.state = 'frozen';
    this.signal('SIGSTOP');
    await delay(forMs, undefined, { ref: false });
    if (this.state !== 'frozen') return;
    this.signal('SIGCONT');
    this.state = 'running';
  }

  /** Kills the part for good. */
  async stop(): Promise<void> {
    this.state = 'stopped';
    this.signal('SIGKILL'); // also ends a frozen process
    await this.starting.catch(() => undefined);
    this.signal('SIGKILL');
    await this.ended;
  }

  private async startUntilReady(): Promise<void> {
    while (this.state !== 'stopped') {
      this.state = 'starting';
      try {
        const launched = await this.launch((pid) => (this.pid = pid));
        this.ended = launched.ended.then(
          () => this.startAgain(),
          () => this.startAgain(),
        );
        if (!this.isStopped()) this.state = 'running';
        return;
      } catch {
        this.pid = undefined;
        this.figures.otherExits += 1;
        await delay(restartMs);
      }
    }
  }

  private isStopped(): boolean {
    return this.state === 'stopped';
  }

  private startAgain(): void {
    this.pid = undefined;
    if (this.state === 'stopped') return;
    if (!this.wasKilled) this.figures.otherExits += 1;
    this.wasKilled = false;
    this.state = 'starting';
    this.starting = delay(restartMs).then(() => this.startUntilReady());
  }

  private signal(signal: NodeJS.Signals): void {
    if (this.pid === undefined) return;
    try {
      process.kill(this.pid, signal);
    } catch {
      // the process has ended
    }
  }
}
