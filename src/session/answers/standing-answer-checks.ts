/**
 * Checks answers that are given beforehand, wherever they are: for a client, a thread or a run. A method that is nearly one
 * of the protocol's, and a result that its request cannot have, are refused when they are handed over; before the handshake
 * the types are all that is known of the server, and with a server of another version everything passes.
 */
import { type ServerVersion, speaksOurVersion } from '../../protocol/checks/known-names.js';
import { checkNearMiss } from '../../protocol/checks/method-check.js';
import { checkResult } from '../../protocol/checks/result-check.js';
import { SERVER_REQUEST_METHODS } from '../../protocol/generated.js';
import { isPlainObject, rejectArgument } from '../../support/argument-checks.js';
import { jsonText } from '../../support/json-text.js';

/**
 * @param argument - what the object is called where the caller wrote it, such as `options.standingAnswers`
 * @param server - undefined before the handshake
 * @throws InvalidArgumentError when it is no object, or holds an answer that cannot be given
 */
export function checkStandingAnswers(argument: string, answers: unknown, server: ServerVersion): void {
  if (!isPlainObject(answers)) rejectArgument(argument, answers, 'an object of method -> result');
  for (const [method, result] of Object.entries(answers)) {
    const place = `${argument}["${method}"]`;
    if (method === '') rejectArgument(argument, method, 'a non-empty string as the name of each method');
    checkStandingAnswer({ method: place, result: place }, method, result, server);
  }
}

/**
 * The same for one method with its result; `undefined`, which takes an answer away, is no result.
 * @param place - what the method and the result are called where the caller wrote them
 * @throws InvalidArgumentError when the answer cannot be given
 */
export function checkStandingAnswer(
  place: { readonly method: string; readonly result: string },
  method: string,
  result: unknown,
  server: ServerVersion,
): void {
  if (typeof method !== 'string' || method === '') rejectArgument(place.method, method, 'a non-empty string');
  checkNearMiss(place.method, method, SERVER_REQUEST_METHODS, server);
  if (result === undefined) return;
  jsonText(place.result, result);
  if (server === undefined || speaksOurVersion(server)) checkResult(place.result, method, result);
}
