import { pluralize } from '../../text/pluralize';
import type { Finding } from './finding';
import type { Subject } from './subject';

/** Aquarium generates longer secrets. A shorter or less varied one could be guessed through an open port. */
const minLength = 16;
const minDistinct = 6;

/** Checks that webhook secrets and operator tokens are set and hard to guess. Findings contain no secret. */
export function checkSecrets(subject: Subject): Finding[] {
  return [webhookSecretFinding(subject), operatorTokensFinding(subject)];
}

function webhookSecretFinding({ mode, config: { webhookSecrets } }: Subject): Finding {
  const part = 'webhook secret';
  if (webhookSecrets.length === 0) {
    return mode === 'dev'
      ? {
          part,
          state: 'well',
          says: 'No secret is set. The webhook in dev needs none, because only this machine can reach it.',
        }
      : {
          part,
          state: 'wrong',
          says: 'AQ_WEBHOOK_SECRET is not set in this environment; a gateway does not start without it.',
          todo: 'generate a secret in Aquarium’s organisation settings, and set AQ_WEBHOOK_SECRET to it',
        };
  }
  const weak = webhookSecrets.findIndex(isWeak);
  if (weak === -1) {
    const verb = webhookSecrets.length === 1 ? 'is' : 'are';
    return { part, state: 'well', says: `${pluralize(webhookSecrets.length, 'secret')} ${verb} set.` };
  }
  const subject =
    webhookSecrets.length === 1 ? 'AQ_WEBHOOK_SECRET' : `Secret ${weak + 1} of AQ_WEBHOOK_SECRET`;
  return {
    part,
    state: mode === 'dev' ? 'note' : 'wrong',
    says: `${subject} is weak: ${weakness}.`,
    todo: 'generate another in Aquarium’s organisation settings; AQ_WEBHOOK_SECRET=<new>,<old> accepts both during the change',
  };
}

function operatorTokensFinding({ mode, operators }: Subject): Finding {
  const part = 'operator tokens';
  if (operators.length === 0) {
    return mode === 'dev'
      ? { part, state: 'note', says: 'No token exists yet.', todo: 'nothing: npm run dev creates one' }
      : {
          part,
          state: 'wrong',
          says: 'OPERATOR_TOKENS is not set in this environment: no operator can approve or replay through the gateway.',
          todo: 'set OPERATOR_TOKENS to name:token pairs; create a token with: openssl rand -base64 24',
        };
  }
  const weak = operators.find(({ token }) => isWeak(token));
  if (!weak) {
    const verb = operators.length === 1 ? 'has' : 'have';
    return { part, state: 'well', says: `${pluralize(operators.length, 'operator')} ${verb} a token.` };
  }
  return {
    part,
    state: mode === 'dev' ? 'note' : 'wrong',
    says: `The token of ${weak.name} is weak: ${weakness}.`,
    todo: 'create another with: openssl rand -base64 24',
  };
}

const weakness = `expected at least ${minLength} characters, at least ${minDistinct} of them different`;

function isWeak(secret: string): boolean {
  return secret.length < minLength || new Set(secret).size < minDistinct;
}
