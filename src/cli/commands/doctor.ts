import { examine } from '../doctor/examine';
import { isWell } from '../doctor/is-well';
import { renderJson } from '../doctor/render-json';
import { renderReport } from '../doctor/render-report';

/** Maximum characters per line, even in a wider window. Longer lines are hard to read. */
const maxWidth = 110;

/**
 * `requeue doctor`: checks every component and suggests fixes.
 *
 * @returns the exit code: 0 when all checks pass, 1 otherwise.
 */
export async function doctor({ json = false }: { json?: boolean | undefined }): Promise<number> {
  const examination = await examine(process.env);
  const { isTTY, columns } = process.stdout;
  const text = json
    ? renderJson(examination)
    : renderReport(examination, {
        tidy: isTTY,
        colour: isTTY && !process.env['NO_COLOR'],
        width: Math.min(columns || maxWidth, maxWidth),
      });
  await new Promise<void>((written) => process.stdout.write(text, () => written()));
  return isWell(examination) ? 0 : 1;
}
