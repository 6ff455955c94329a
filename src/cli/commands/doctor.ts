import { examine } from '../doctor/examine';
import { isWell } from '../doctor/is-well';
import { renderJson } from '../doctor/render-json';
import { renderReport } from '../doctor/render-report';

/** A line longer than this is hard to read, however wide the window is. */
const widest = 110;

/** `requeue doctor`: says of every part whether it is well, and what to do. Answers the exit code: 0 when all is well, else 1. */
export async function doctor({ json = false }: { json?: boolean | undefined }): Promise<number> {
  const examination = await examine(process.env);
  const { isTTY, columns } = process.stdout;
  const text = json
    ? renderJson(examination)
    : renderReport(examination, {
        tidy: isTTY,
        colour: isTTY && !process.env['NO_COLOR'],
        width: Math.min(columns || widest, widest),
      });
  await new Promise<void>((written) => process.stdout.write(text, () => written()));
  return isWell(examination) ? 0 : 1;
}
