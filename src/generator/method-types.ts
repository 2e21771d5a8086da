/**
 * Writes the part of the flat file that upstream does not have: the maps method -> params -> response, the unions of
 * methods, and the lists of methods for run time. It knows names alone: what a type looks like is decided before.
 */
import { isMock } from '../protocol/client-names.js';
import type { Method, MethodMap } from './method-map.js';

/**
 * The text of the maps and the lists. Methods for the server's own tests are in the lists, because the server has them,
 * and in no type: nobody is offered them, and `request()` takes them as it takes any name.
 */
export function methodTypes(map: MethodMap): string {
  const typed = {
    ...map,
    clientRequests: map.clientRequests.filter(({ method }) => !isMock(method)),
  };
  return [...maps(typed), ...unions(typed), ...lists(map), ...experimentalLists(map)].join('\n');
}

function maps(map: MethodMap): string[] {
  const { clientRequests, serverRequests, serverNotifications, clientNotifications } = map;
  const sent = 'Every request a client may send, with its params and response.';
  const received = 'Every request the server may send, with its params and the response it awaits.';
  const told = 'Every notification the server may send, with its params.';
  const tells = 'Every notification a client may send, with its params.';
  return [
    requestMap('ClientRequests', sent, clientRequests),
    requestMap('ServerRequests', received, serverRequests),
    paramsMap('ServerNotifications', told, serverNotifications),
    paramsMap('ClientNotifications', tells, clientNotifications),
  ];
}

function unions({ clientRequests, serverRequests }: MethodMap): string[] {
  const unknown = [...clientRequests, ...serverRequests].filter(({ response }) => response === undefined);
  const optional = clientRequests.filter(({ paramsOptional }) => paramsOptional);
  const mayBeLeftOut =
    'Client methods whose params may be left out: they take none, or each of their fields is optional.';
  return [
    methodUnion(
      'MethodsWithoutResponse',
      'Requests whose response type is not known; `never` when each has one.',
      unknown,
    ),
    methodUnion('OptionalParamsMethod', mayBeLeftOut, optional),
  ];
}

function lists({ clientRequests, serverRequests, serverNotifications }: MethodMap): string[] {
  return [
    list('CLIENT_METHODS', 'Every method a client may call.', clientRequests),
    list('SERVER_REQUEST_METHODS', 'Every method the server may call.', serverRequests),
    list('SERVER_NOTIFICATION_METHODS', 'Every notification the server may send.', serverNotifications),
  ];
}

function experimentalLists({ clientRequests, serverRequests, serverNotifications }: MethodMap): string[] {
  const experimental = (name: string, doc: string, methods: readonly Method[]) =>
    list(
      name,
      doc,
      methods.filter((method) => method.experimental),
    );
  const request = 'Server requests sent only with `experimentalApi`.';
  const notification = 'Notifications sent only with `experimentalApi`.';
  return [
    experimental('EXPERIMENTAL_METHODS', 'Client methods that need `experimentalApi`.', clientRequests),
    experimental('EXPERIMENTAL_SERVER_REQUEST_METHODS', request, serverRequests),
    experimental('EXPERIMENTAL_SERVER_NOTIFICATION_METHODS', notification, serverNotifications),
  ];
}

function requestMap(name: string, doc: string, methods: readonly Method[]): string {
  const lines = methods.map(
    ({ method, params, response }) =>
      `  '${method}': { params: ${params}; response: ${response ?? 'unknown'} };\n`,
  );
  return `/** ${doc} */\nexport interface ${name} {\n${lines.join('')}}\n`;
}

function paramsMap(name: string, doc: string, methods: readonly Method[]): string {
  const lines = methods.map(({ method, params }) => `  '${method}': ${params};\n`);
  return `/** ${doc} */\nexport interface ${name} {\n${lines.join('')}}\n`;
}

function methodUnion(name: string, doc: string, methods: readonly Method[]): string {
  const members = methods.map(({ method }) => `\n  | '${method}'`).join('');
  return `/** ${doc} */\nexport type ${name} =${members === '' ? ' never' : members};\n`;
}

function list(name: string, doc: string, methods: readonly Method[]): string {
  const lines = methods.map(({ method }) => `\n  '${method}',`).join('');
  return `/** ${doc} */\nexport const ${name} = [${lines}${lines === '' ? '' : '\n'}] as const;\n`;
}
