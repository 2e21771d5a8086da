// Nothing: what the type-check of every other program is compared with.
export {};
