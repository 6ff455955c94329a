import { html } from 'hono/html';
import { renderPage } from './render-page';
import type { Paths } from './paths';

/** @param next the path to open after the sign-in. */
export function signInPage({
  paths,
  next,
  flash,
  fault,
}: {
  paths: Paths;
  next: string;
  flash?: string | undefined;
  fault?: string | undefined;
}): Promise<string> {
  return renderPage(
    { paths, title: 'Sign in', flash, fault },
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
          aria-describedby="token-hint"
        />
        <p class="hint" id="token-hint">
          A token from <code>OPERATOR_TOKENS</code>. <code>requeue dev</code> prints its token when it starts.
        </p>
        <input type="hidden" name="next" value="${next}" />
        <button class="primary">Sign in</button>
      </form>
    </div>`,
  );
}
