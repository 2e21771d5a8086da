/**
 * A while of waiting. It leaves no timer behind, and as long as it lasts it keeps the program alive.
 */

/** Settles after so many milliseconds, or as `sooner` does when that is first. */
export async function pause(ms: number, sooner?: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  try {
    await (sooner === undefined ? over : Promise.race([over, sooner]));
  } finally {
    clearTimeout(timer);
  }
}
