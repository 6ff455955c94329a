import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { until } from '../support/until';
import {
  type ComposeFile,
  type Condition,
  findHealthCommand,
  imageEnvironment,
  root,
  type Service,
} from './compose-file';

/** Replaces the volume and the ports of docker-compose.yml on this machine. */
export interface Places {
  /** Replaces the volume. */
  readonly folder: string;
  /** For each port of the file, a free port of this machine. */
  readonly ports: Readonly<Record<string, number>>;
}

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** A probe is a process, so more frequent probes would slow down the services that they wait for. */
const probeEveryMs = 500;

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  output(): string;
}

/**
 * Runs the services of docker-compose.yml as processes on this machine: each with its own command and
 * environment, started and stopped in the order of `depends_on`. They differ from containers only by
 * `toLocal` and `programs`.
 */
export class LocalServices {
  private readonly running = new Map<string, Running>();
  private starting = new Map<string, Promise<void>>();

  constructor(
    private readonly file: ComposeFile,
    private readonly places: Places,
  ) {}

  /**
   * Like `docker compose up --wait`: resolves when every service has started and every health check has
   * passed.
   */
  async up(): Promise<void> {
    this.starting = new Map();
    await Promise.all(Object.keys(this.file.services).map((name) => this.start(name)));
    const checked = Object.entries(this.file.services).filter(([, service]) => findHealthCommand(service));
    await Promise.all(checked.map(([name]) => this.meets(name, 'service_healthy')));
  }

  /**
   * Like `docker compose down`: sends SIGTERM, to a service after its dependents. Kills a process that
   * outlives its grace period; its code is null.
   */
  async down(): Promise<Readonly<Record<string, Ended>>> {
    const ended: Record<string, Ended> = {};
    const stopping = new Map<string, Promise<void>>();
    const stop = (name: string): Promise<void> => {
      const stopped =
        stopping.get(name) ?? this.stop(name, () => Promise.all(this.findDependents(name).map(stop)), ended);
      stopping.set(name, stopped);
      return stopped;
    };
    await Promise.all([...this.running.keys()].map(stop));
    this.running.clear();
    return ended;
  }

  /** Like `docker compose exec`: runs a command in the environment of a service. */
  async exec(name: string, command: readonly string[]): Promise<Ended> {
    return this.spawn(this.requireService(name), command).ended;
  }

  private start(name: string): Promise<void> {
    const started = this.starting.get(name) ?? this.startAfterDependencies(name);
    this.starting.set(name, started);
    return started;
  }

  private async startAfterDependencies(name: string): Promise<void> {
    const service = this.requireService(name);
    const conditions = Object.entries(service.depends_on ?? {});
    await Promise.all(
      conditions.map(([other, { condition }]) => this.start(other).then(() => this.meets(other, condition))),
    );
    this.running.set(name, this.spawn(service, [...chooseEntrypoint(service), ...service.command]));
  }

  private async meets(name: string, condition: Condition): Promise<void> {
    if (condition === 'service_completed_successfully') {
      const { code, output } = (await this.running.get(name)?.ended) ?? { code: null, output: '' };
      if (code !== 0) throw new Error(`${name} ended with ${code}: ${output}`);
    }
    if (condition === 'service_healthy')
      await until(`${name} to be healthy`, () => this.isHealthy(name), 60_000, probeEveryMs);
  }

  private async isHealthy(name: string): Promise<boolean> {
    const running = this.running.get(name);
    if (running?.child.exitCode !== null) throw new Error(`${name} ended: ${running?.output()}`);
    const { code, output } = await this.exec(name, findHealthCommand(this.requireService(name)) ?? []);
    if (code !== 0) throw new Error(`${output} ${running.output()}`);
    return true;
  }

  private async stop(
    name: string,
    stopDependents: () => Promise<unknown>,
    ended: Record<string, Ended>,
  ): Promise<void> {
    await stopDependents();
    const running = this.running.get(name);
    if (!running) return;
    running.child.kill('SIGTERM');
    const late = setTimeout(() => running.child.kill('SIGKILL'), graceMs(this.requireService(name)));
    ended[name] = await running.ended;
    clearTimeout(late);
  }

  private findDependents(name: string): string[] {
    return Object.keys(this.file.services).filter(
      (other) => name in (this.requireService(other).depends_on ?? {}),
    );
  }

  private spawn(service: Service, command: readonly string[]): Running {
    const [program = '', ...words] = command.map((word) => toLocal(word, this.places));
    const [file = '', ...before] = programs()[program] ?? [program];
    const environment = { ...(isOurs(service) ? imageEnvironment() : {}), ...service.environment };
    const env = Object.fromEntries(
      Object.entries(environment).map(([name, value]) => [name, toLocal(value, this.places)]),
    );
    const child = spawn(file, [...before, ...words], {
      cwd: root,
      env: { PATH: process.env['PATH'], ...env },
    }); // root is the image's WORKDIR
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (bytes: Buffer) => (output += bytes.toString()));
    const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, output }));
    return { child, ended, output: () => output };
  }

  private requireService(name: string): Service {
    const service = this.file.services[name];
    if (!service) throw new Error(`docker-compose.yml has no service ${name}.`);
    return service;
  }
}

/**
 * Replaces container addresses, ports and the volume by those of this machine. Nothing listens outside of
 * loopback.
 */
export function toLocal(text: string, { folder, ports }: Places): string {
  return text
    .replace(/\b(temporal|sandbox)(?=:\d)/g, '127.0.0.1')
    .replace(/\b0\.0\.0\.0\b/g, '127.0.0.1')
    .replace(/(?<=^|[:=])\d{4}\b/g, (port) => String(ports[port] ?? port))
    .replaceAll('/var/lib/requeue', folder);
}

/** The programs of the two images on this machine. */
function programs(): Readonly<Record<string, readonly string[]>> {
  return {
    requeue: [process.execPath, join(root, 'dist/cli/main.js')],
    node: [process.execPath],
    temporal: [process.env['TEMPORAL_CLI'] ?? 'temporal'],
  };
}

/**
 * Leaves out tini, which starts the command and forwards signals. Temporal's image has its program as
 * entrypoint.
 */
function chooseEntrypoint(service: Service): string[] {
  return isOurs(service) ? [] : ['temporal'];
}

function isOurs({ image }: Service): boolean {
  return image.startsWith('requeue:');
}

/** 10 s is compose's default. */
function graceMs({ stop_grace_period = '10s' }: Service): number {
  return Number.parseInt(stop_grace_period, 10) * 1000;
}
