/** A user whom the modes of files hold back. Root is held back by none. */
const NOBODY = 65_534;

/** Does something as such a user. */
export async function asPlainUser<T>(act: () => T | Promise<T>): Promise<T> {
  const userId = process.geteuid?.();
  if (userId === 0) process.seteuid?.(NOBODY);
  try {
    return await act();
  } finally {
    if (userId === 0) process.seteuid?.(userId);
  }
}
