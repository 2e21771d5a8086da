/** The user's home and the program's folder, as they stand on every tape. */

export const HOME = '/home/me';
export const CWD = `${HOME}/project`;
