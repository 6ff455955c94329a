import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { type GraphQLFormattedError, GraphQLError, parse, validate } from 'graphql';
import { createHandler } from 'graphql-http';
import { defined } from '../../collections/defined';
import { sendJson, sendText } from './send-response';
import type { Fault, FaultOf } from './fault';
import type { FaultTarget, Faults } from './faults';
import type { Ledger } from './ledger';
import { readBody } from './read-body';
import { type CallContext, rootValue, schema } from './schema';

export interface GraphqlEndpointDeps {
  readonly key: string;
  readonly faults: Faults;
  readonly ledger: Ledger;
  /** Aborts when the sandbox closes. This ends all delays. */
  readonly closing: AbortSignal;
}

/**
 * `POST /graphql`, in this order: checks the key, applies faults that prevent the mutation, executes the
 * mutation, applies faults that come after it, answers.
 */
export function createGraphqlEndpoint({
  key,
  faults,
  ledger,
  closing,
}: GraphqlEndpointDeps): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const execute = createExecutor();
  return async (request, response) => {
    faults.countCall();
    const body = await readBody(request);
    if (request.headers.authorization !== `Bearer ${key}`) return refuseKey(response);
    const params = parseJsonObject(body);
    const { delayMs, undercount, ending } = faults.apply(parseCall(params));
    if (delayMs > 0) await pause(delayMs, undefined, { signal: closing });
    if (ending && endBefore(ending, response, params)) return;
    const reply = await execute(request, params ?? body, {
      execute: async (mutation) => Math.max(0, (await ledger.execute(mutation)).applied.length - undercount),
    });
    if (ending) return endAfter(ending, response, reply.body);
    sendText(response, reply.status, reply.body, 'application/json; charset=utf-8');
  };
}

/** @returns whether the fault ended the call before its mutation was executed. */
function endBefore(fault: Fault, response: ServerResponse, params: object | undefined): boolean {
  switch (fault.kind) {
    case 'status':
      if (fault.retryAfter !== undefined) response.setHeader('retry-after', String(fault.retryAfter));
      sendErrors(response, fault.status, `Injected sandbox fault: HTTP status ${fault.status}.`, fault);
      return true;
    case 'graphql-error':
      sendErrors(response, fault.status, fault.message, {
        code: 'INTERNAL_SERVER_ERROR',
        ...fault,
      });
      return true;
    case 'poison':
      sendErrors(response, fault.status, describePoisoned(fault, params), {
        code: 'MALFORMED_REQUEST',
        ...fault,
      });
      return true;
    case 'refuse-key':
      refuseKey(response);
      return true;
    case 'reset-before':
      response.socket?.resetAndDestroy();
      return true;
    case 'hang':
      return true;
    default:
      return false;
  }
}

function endAfter(fault: Fault, response: ServerResponse, body: string): void {
  switch (fault.kind) {
    case 'status-after':
      sendErrors(response, fault.status, `Injected sandbox fault: HTTP status ${fault.status}.`, {});
      return;
    case 'answer':
      sendJson(response, 200, { data: fault.data });
      return;
    case 'reset-after':
      response.socket?.resetAndDestroy();
      return;
    case 'hang-after':
      return;
    case 'not-json':
      sendText(response, 200, '<!doctype html><title>Welcome</title>', 'text/html; charset=utf-8');
      return;
    case 'half-answer':
      response.writeHead(200, {
        'content-type': 'application/json; charset=utf-8',
        'content-length': Buffer.byteLength(body),
      });
      response.write(body.slice(0, body.length / 2), () => response.destroy());
      return;
    default:
      throw new Error(`The fault ${fault.kind} does not end a call.`);
  }
}

function refuseKey(response: ServerResponse): void {
  sendErrors(response, 401, 'The API key is not valid.', { code: 'AUTHENTICATION_ERROR' });
}

interface ErrorFields {
  readonly code?: string | undefined;
  readonly exceptionStatus?: number | undefined;
  readonly path?: readonly (string | number)[] | undefined;
}

/** Sends an error in Labelbox's format. Source: the client in its Python SDK. */
function sendErrors(
  response: ServerResponse,
  status: number,
  message: string,
  { code, exceptionStatus, path }: ErrorFields,
): void {
  const exception = exceptionStatus === undefined ? undefined : { status: exceptionStatus };
  const extensions = code === undefined ? undefined : defined({ code, exception });
  sendJson(response, status, { errors: [defined({ message, path, extensions })], data: null });
}

/**
 * Contains the refused label ids, like a real service's message, so that tests notice logs that leak label
 * ids.
 */
function describePoisoned({ labelIds }: FaultOf<'poison'>, params: object | undefined): string {
  const sent = new Set(parseCall(params).labelIds);
  const refused = labelIds.filter((labelId) => sent.has(labelId));
  return `These labels cannot be deleted: ${refused.slice(0, 10).join(', ')}${refused.length > 10 ? ', …' : ''}`;
}

type Execute = (
  request: IncomingMessage,
  body: object | string,
  context: CallContext,
) => Promise<{ status: number; body: string }>;

/** Runs GraphQL without sending the answer, so that a fault can close the socket at any point. */
function createExecutor(): Execute {
  const handle = createHandler<IncomingMessage, CallContext, CallContext>({
    schema,
    rootValue,
    context: ({ context }) => context,
    parse: (source, options) => withCodeOnError('GRAPHQL_PARSE_FAILED', () => parse(source, options)),
    validate: (...args) => validate(...args).map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED')),
    formatError: (error) =>
      (error instanceof GraphQLError ? error.toJSON() : { message: error.message }) as unknown as Error,
  });
  return async (request, body, context) => {
    const [text, { status }] = await handle({
      method: 'POST',
      url: '/graphql',
      headers: request.headers,
      body: body as Record<string, unknown>,
      raw: request,
      context,
    });
    return { status: answerStatus(status, text), body: text ?? '' };
  };
}

/**
 * If a mutation does not match the schema, graphql-http answers 200, but Labelbox (an Apollo server) answers
 * 400.
 */
function answerStatus(status: number, text: string | null): number {
  const errors = (parseJsonObject(text ?? '') as { errors?: GraphQLFormattedError[] } | undefined)?.errors;
  return errors?.some(({ extensions }) => String(extensions?.['code']).startsWith('GRAPHQL_')) ? 400 : status;
}

function withCodeOnError<T>(code: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof GraphQLError ? withCode(error, code) : error;
  }
}

function withCode(error: GraphQLError, code: string): GraphQLError {
  error.extensions['code'] = code;
  return error;
}

/**
 * Treats every string in every array variable as a label id, because the variable's name depends on the
 * mutation.
 */
function parseCall(params: object | undefined): FaultTarget {
  const { query, variables } = (params ?? {}) as { query?: unknown; variables?: unknown };
  const lists = Object.values(typeof variables === 'object' && variables !== null ? variables : {}).filter(
    Array.isArray,
  ) as unknown[][];
  return {
    isMutation: isMutation(query),
    labelIds: lists.flat().filter((value) => typeof value === 'string'),
  };
}

function isMutation(query: unknown): boolean {
  try {
    return parse(String(query), { noLocation: true }).definitions.some(
      (node) => node.kind === 'OperationDefinition' && node.operation === 'mutation',
    );
  } catch {
    return false;
  }
}

function parseJsonObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
