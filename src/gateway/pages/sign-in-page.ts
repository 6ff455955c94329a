import { html } from 'hono/html';
import { renderPage } from './render-page';
import type { Paths } from './paths';

/** @param next where to go on after it. */
export function signInPage({
  paths,
  next,
  said,
  fault,
}: {
  paths: Paths;
  next: string;
  said?: string | undefined;
  fault?: string | undefined;
}): Promise<string> {
  return renderPage(
    { paths, title: 'Sign in', said, fault },
    html`<div class="sign-in">
      <h1>Sign in</h1>
      <form method="post" action="${paths.signIn}" class="card">
        <label for="token">Operator token</label>
        <input
          id="token"
          name="token"
          type="password"
          autocomplete="current-password"
          required
          autofocus
          aria-describedby="whence"
        />
        <p class="hint" id="whence">
          One of <code>OPERATOR_TOKENS</code>; <code>requeue dev</code> prints its own when it starts.
        </p>
        <input type="hidden" name="next" value="${next}" />
        <button class="primary">Sign in</button>
      </form>
    </div>`,
  );
}
