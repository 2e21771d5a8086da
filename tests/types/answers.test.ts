// What the type system knows of answers: each fits the request it is for, and no other. `tsc -p tests/tsconfig.json` is what
// fails here; vitest only runs the file.
import {
  type AnswerTo,
  type AsyncClient,
  accept,
  approve,
  deny,
  type MadeAnswer,
  type protocol,
  type RequestId,
  type ServerMessage,
  type ServerRequest,
  type ServerRequestResult,
  type StandingAnswers,
  type UnknownMessage,
  type UnknownRequest,
} from 'codex-async-client';
import { describe, expectTypeOf, test } from 'vitest';

/** For the type system only: the functions that use them are never run. */
declare const client: AsyncClient;
declare const message: ServerMessage;
declare const command: ServerRequest<'item/commandExecution/requestApproval'>;
declare const change: ServerRequest<'item/fileChange/requestApproval'>;
declare const toolCall: ServerRequest<'item/tool/call'>;
declare const form: ServerRequest<'mcpServer/elicitation/request'>;
declare const questions: ServerRequest<'item/tool/requestUserInput'>;
declare const either: ServerRequest<
  'item/commandExecution/requestApproval' | 'item/fileChange/requestApproval'
>;
declare const unrelated: ServerRequest<'item/commandExecution/requestApproval' | 'item/tool/call'>;
declare const anyRequest: ServerRequest;
declare const unknownRequest: UnknownRequest;
declare const isAllowed: boolean;

function check(_calls: () => unknown): void {}

describe('respond to one kind of request', () => {
  test('takes its response', () => {
    check(() => [
      client.respond(command, { decision: 'accept' }),
      client.respond(toolCall, { contentItems: [], success: true }),
      // @ts-expect-error no such decision
      client.respond(command, { decision: 'approve' }),
      // @ts-expect-error a name misspelt
      client.respond(command, { decison: 'accept' }),
      // @ts-expect-error a member too many
      client.respond(command, { decision: 'accept', scope: 'session' }),
      // @ts-expect-error the answer of another request
      client.respond(command, { contentItems: [], success: true }),
      // @ts-expect-error the answer of another request
      client.respond(toolCall, { decision: 'accept' }),
      // @ts-expect-error a decision has a name
      client.respond(command, 'accept'),
      // @ts-expect-error an answer is needed
      client.respond(command),
    ]);
  });

  test('takes what was made for it, and nothing that was made for another', () => {
    check(() => [
      client.respond(command, approve(command)),
      client.respond(command, approve(command, 'session')),
      client.respond(command, deny(command, { then: 'interrupt' })),
      client.respond(command, isAllowed ? approve(command) : deny(command)),
      client.respond(command, isAllowed ? approve(command) : { decision: 'cancel' }),
      client.respond(form, accept(form, { name: 'x' })),
      client.respond(questions, isAllowed ? accept(questions, { color: ['red'] }) : deny(questions)),
      // @ts-expect-error made for a change of files, though a command can be answered so
      client.respond(command, approve(change)),
      // @ts-expect-error made for a command
      client.respond(toolCall, approve(command)),
      // @ts-expect-error made for a form
      client.respond(questions, accept(form, {})),
      // @ts-expect-error one of the two was made for another request
      client.respond(command, isAllowed ? approve(command) : deny(change)),
      // @ts-expect-error made for what may be another request
      client.respond(command, approve(either)),
    ]);
  });
});

describe('respond to a request that can be of several kinds', () => {
  test('takes what was made for it', () => {
    check(async () => {
      if (message.kind === 'request') await client.respond(message, approve(message));
      if (message.kind !== 'request') return;
      await client.respond(message, isAllowed ? approve(message, 'session') : deny(message));
      await client.respond(either, isAllowed ? approve(either) : { decision: 'cancel' });
      // @ts-expect-error made for one kind of them
      await client.respond(message, approve(command));
      // @ts-expect-error made for one kind of them
      await client.respond(either, approve(change));
      // @ts-expect-error made for what may be another request
      await client.respond(either, approve(message));
    });
  });

  test('takes what every one of them takes', () => {
    check(() => [
      client.respond(either, { decision: 'accept' }),
      // @ts-expect-error only a command can be answered so
      client.respond(either, {
        decision: { acceptWithExecpolicyAmendment: { execpolicy_amendment: ['ls'] } },
      }),
      // @ts-expect-error neither can be answered so
      client.respond(either, { decision: 'approved' }),
      // @ts-expect-error the answer of one of them
      client.respond(unrelated, { decision: 'accept' }),
      // @ts-expect-error the answer of one of them
      client.respond(unrelated, { contentItems: [], success: true }),
      // @ts-expect-error the answer of some of them
      client.respond(anyRequest, { decision: 'accept' }),
      // @ts-expect-error the answer of none
      client.respond(anyRequest, {}),
    ]);
  });

  test('works in functions of any of them', () => {
    function approveIt<R extends ServerRequest>(request: R): Promise<void> {
      return client.respond(request, isAllowed ? approve(request) : deny(request));
    }
    const approveAny = (request: ServerRequest) => client.respond(request, approve(request));
    check(() => [approveIt(anyRequest), approveIt(command), approveAny(command)]);
  });
});

describe('a request that the types do not know', () => {
  interface Answer {
    readonly choice: string;
  }

  test('takes any JSON value', () => {
    check((answer: Answer = { choice: 'red' }) => [
      client.respond(unknownRequest, null),
      client.respond(unknownRequest, 5),
      client.respond(unknownRequest, 'text'),
      client.respond(unknownRequest, ['text', { a: [true] }]),
      client.respond(unknownRequest, answer),
      // @ts-expect-error undefined is no JSON
      client.respond(unknownRequest, undefined),
      // @ts-expect-error an answer is needed
      client.respond(unknownRequest),
    ]);
  });

  test('can be approved, denied, refused and watched like any other', () => {
    check(async () => {
      for await (const msg of client.events({ kind: 'request', methods: ['new/method'] })) {
        await client.respond(msg, isAllowed ? approve(msg) : deny(msg));
        await client.respond(msg, { any: 'thing' });
        await client.respondError(msg, -32601, 'no');
        expectTypeOf(client.signalOf(msg)).toEqualTypeOf<AbortSignal>();
      }
      await client.respond(unknownRequest, approve(unknownRequest));
    });
  });
});

describe('what is made for a request', () => {
  test('is the response of its kind', () => {
    expectTypeOf(approve<typeof toolCall>).returns.toEqualTypeOf<MadeAnswer<'item/tool/call'>>();
    expectTypeOf(deny<typeof toolCall>).returns.toEqualTypeOf<MadeAnswer<'item/tool/call'>>();
    expectTypeOf<MadeAnswer<'item/tool/call'>>().toExtend<protocol.DynamicToolCallResponse>();
    expectTypeOf<MadeAnswer<'item/tool/call'>['success']>().toBeBoolean();
    expectTypeOf<ServerRequestResult<'item/tool/call'>>().toExtend<AnswerTo<'item/tool/call'>>();
    expectTypeOf<MadeAnswer<'item/tool/call'>>().toExtend<AnswerTo<'item/tool/call'>>();
  });

  test('can be a standing answer', () => {
    check(() => client.setStandingAnswer('item/fileChange/requestApproval', approve(change)));
    expectTypeOf<{
      'item/tool/call': MadeAnswer<'item/tool/call'>;
    }>().toExtend<StandingAnswers>();
  });

  test('has content of the kind that is asked for', () => {
    check(() => [
      accept(form, { age: 5 }),
      // @ts-expect-error an answer to a question is a text, or several
      accept(questions, { color: 5 }),
      // @ts-expect-error it asks for no content
      accept(command, {}),
    ]);
  });
});

describe('an answer by id', () => {
  test('has a call of its own', () => {
    check(() => [
      client.respondById(command.id, { any: 'thing' }),
      client.respondById(0, null),
      client.respondError(0, -32601, 'no'),
      client.respondError(command, -32601, 'no', { since: 1 }),
      // @ts-expect-error a request, not its id
      client.respond(command.id, { decision: 'accept' }),
      // @ts-expect-error the id, not the request
      client.respondById(command, { decision: 'accept' }),
      // @ts-expect-error a code is a number
      client.respondError(command, 'no', 'no'),
    ]);
    expectTypeOf<RequestId>().toEqualTypeOf<Parameters<AsyncClient['respondById']>[0]>();
  });
});

test('nobody answers a notification', () => {
  check(() => {
    if (message.kind !== 'notification') return;
    const unknown = message as Extract<UnknownMessage, { kind: 'notification' }>;
    return [
      // @ts-expect-error nobody waits for an answer
      client.respond(message, {}),
      // @ts-expect-error nobody waits for an answer
      client.respond(unknown, {}),
      // @ts-expect-error nobody waits for an answer
      client.respondError(message, 1, 'no'),
      // @ts-expect-error nobody waits for an answer
      client.signalOf(message),
      // @ts-expect-error nobody waits for an answer
      approve(message),
    ];
  });
});

test('standing answers have the types of their methods', () => {
  check(() => {
    client.setStandingAnswer('item/fileChange/requestApproval', { decision: 'decline' });
    client.setStandingAnswer('item/fileChange/requestApproval', undefined);
    client.setStandingAnswer(either.method, { decision: 'decline' });
    // @ts-expect-error a tool call cannot be answered so
    client.setStandingAnswer(unrelated.method, { decision: 'decline' });
    // @ts-expect-error no such decision
    client.setStandingAnswer('item/fileChange/requestApproval', { decision: 'no' });
    // @ts-expect-error the server does not ask that
    client.setStandingAnswer('turn/started', {});
  });
  expectTypeOf<{ 'item/tool/call': { contentItems: []; success: true } }>().toExtend<StandingAnswers>();
  expectTypeOf<{ 'item/tool/call': { decision: 'accept' } }>().not.toExtend<StandingAnswers>();
});
