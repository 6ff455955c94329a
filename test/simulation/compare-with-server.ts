import { Semaphore } from '../../src/collections/semaphore';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { createServerSide, createStandInSide } from './compare-sides';
import { planCourse, runCourse } from './compared-course';
import type { Sandbox } from './temporal/workflow-host';

/** Courses that run on the real server at the same time. */
const atOnce = 8;

/** What one course led to, on both sides. */
export interface Compared {
  readonly seed: number;
  readonly onServer: unknown;
  readonly onStandIn: unknown;
}

/**
 * Runs the course of each seed with Requeue's own dispatcher, activities and workflow: on a real server with a store
 * in a folder, and on the stand-in.
 */
export async function compareWithServer(
  { env, sandbox, codePath }: { env: TestWorkflowEnvironment; sandbox: Sandbox; codePath: string },
  seeds: readonly number[],
): Promise<Compared[]> {
  const courses = seeds.map(planCourse);
  const server = await createServerSide(env, codePath, courses);
  const semaphore = new Semaphore(atOnce);
  try {
    const onServer = await Promise.all(
      courses.map((course) => semaphore.run(() => runCourse(server, course).catch(String))),
    );
    const compared: Compared[] = [];
    for (const [at, course] of courses.entries()) {
      const standIn = createStandInSide(sandbox, course);
      const onStandIn = await runCourse(standIn, course).catch(String);
      await standIn.close();
      compared.push({ seed: course.seed, onServer: onServer[at], onStandIn });
    }
    return compared;
  } finally {
    await server.close();
  }
}
